"""Settings of the engine kind of servers of the Sora backend dialect."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from hinode.engines.remote.settings import UpstreamSettings


class SoraEngineSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table with ``kind = "sora"``."""

    kind: Literal["sora"] = Field(description="`sora`: a server of Sora's backend dialect.")
    model: str = Field(
        default="sy_8",
        min_length=1,
        description="The upstream's name for models that name no `upstream`.",
    )
    concurrency: int = Field(
        default=64, ge=1, le=2000, description="Jobs that one server of ours runs there at once."
    )
    session_url: str = Field(
        default="", description="URL where session tokens are exchanged; empty: beside `url`."
    )
    token_url: str = Field(
        default="", description="URL where refresh tokens are exchanged; empty: beside `url`."
    )
    remix: Literal["generation", "post"] = Field(
        default="generation",
        description="What a remix there starts from: `generation` (as Hinode takes it), or `post`: "
        "the video is published for that and unpublished afterwards.",
    )

    @model_validator(mode="after")
    def _no_key(self) -> Self:
        if self.key.get_secret_value() or self.key_env or self.key_file:
            raise ValueError("it has accounts and no key; add one: hinode engine account add NAME")
        return self
