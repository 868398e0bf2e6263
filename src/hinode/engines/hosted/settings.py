"""Settings of every provider of videos as jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from hinode.engines.base import EngineError
from hinode.engines.remote.settings import UpstreamSettings
from hinode.hosted_models.types import HostedModel, find_model
from hinode.open_models.checkpoints import Checkpoint


class HostedSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table of a server that renders jobs and may call back."""

    max_response_bytes: ClassVar[int] = 4 * 2**20
    """Bytes of the longest answer that is read, files aside."""

    callback_base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="Public URL of this Hinode for callbacks; empty: polling only.",
    )


class ProviderSettings(HostedSettings):
    """The settings of a provider that people pay: each kind adds its URL and ``key_env``."""

    origin: Literal["trained", "algorithm"] = Field(
        default="trained", description="Signed into every file: a trained model renders there."
    )
    hosted: bool | None = Field(
        default=True, description="Prompts and pictures leave the operator's own machines."
    )
    credits_per_unit: float | None = Field(
        default=None,
        gt=0,
        description="Credits of ours for one of the provider's units (credits, tokens, seconds, "
        "ticks), in which it says what a job cost: charged is that, at most the price; else the "
        "price.",
    )
    poll_interval_seconds: float = Field(
        default=5.0, ge=0.05, le=60, description="Longest pause between two polls of a job."
    )

    known_models: ClassVar[Sequence[HostedModel]] = ()
    """The models of the provider that are known, with their lengths and sizes."""

    def checkpoint_of(self, upstream: str | None) -> Checkpoint | None:
        """Return the rules of a model of this provider; None for an unknown one."""
        found = find_model(self.known_models, upstream or self.model)
        return None if found is None else found.checkpoint

    @model_validator(mode="before")
    @classmethod
    def _expect_origin(cls, given: Any) -> Any:
        # Unlike a server of one's own, a provider leaves nothing to say about the origin.
        return given


class ExperimentalSettings(ProviderSettings):
    """The settings of a provider whose API is not known from an official source: off by default."""

    experimental: bool = Field(
        default=False,
        description="Must be true: the API is known from pages about it, not from an official SDK.",
    )

    def require_experimental(self, name: str) -> None:
        """Raise :class:`EngineError` where the operator has not agreed to it."""
        if not self.experimental:
            raise EngineError(
                "engine_misconfigured",
                f"The engine '{name}': its kind is experimental and off; "
                "`experimental = true` in its table turns it on.",
            )
