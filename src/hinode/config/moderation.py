"""The table `[moderation]`."""

from __future__ import annotations

import os
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class ModerationSettings(BaseModel):
    """A service or a package of yours that reviews prompts, pictures and outputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@/]+[^\s#@]*)?$",
        description="URL of the service, asked by POST; it may be private. Empty: no service.",
    )
    plugin: str = Field(
        default="", description="Moderator of an installed package instead, by its entry point."
    )
    secret: SecretStr = Field(
        default=SecretStr(""), description="Bearer token for the service; empty: none is sent."
    )
    secret_env: str = Field(
        default="", description="Environment variable with the token, not `secret`."
    )
    stages: tuple[Literal["create", "render"], ...] = Field(
        default=("create", "render"),
        min_length=1,
        description="Review before a job is created (prompt, pictures), after its render (frames).",
    )
    on_failure: Literal["block", "allow"] = Field(
        default="block",
        description="Without a verdict in time: `block` refuses for now, `allow` lets it pass and "
        "notes in the job that it was not reviewed.",
    )
    timeout_seconds: float = Field(
        default=10.0, gt=0, le=120, description="Seconds that a verdict may take."
    )
    frames: int = Field(
        default=4, ge=1, le=16, description="Frames that are sent of each rendered video."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.url and self.plugin:
            raise ValueError("url and plugin exclude each other; keep one of them")
        return self

    @property
    def enabled(self) -> bool:
        """True with a service or a plugin."""
        return bool(self.url or self.plugin)

    @property
    def token(self) -> str:
        """Return the bearer token; empty without one."""
        return self.secret.get_secret_value() or os.environ.get(self.secret_env, "")
