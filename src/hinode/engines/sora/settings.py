"""The engine kind of servers of the Sora backend dialect: its settings."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from hinode.engines.base import Engine, EngineError
from hinode.engines.kinds import EngineKind
from hinode.engines.remote.settings import UpstreamSettings
from hinode.upstream_accounts import AccountPool


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


def _create(name: str, settings: SoraEngineSettings, accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.sora.engine import SoraEngine

    if accounts is None:
        raise EngineError("engine_misconfigured", f"The engine '{name}' has no account pool.")
    return SoraEngine(name, settings, accounts)


KIND = EngineKind(SoraEngineSettings, _create, has_accounts=True)
