"""The engine kind of fal's queue: its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.hosted.settings import ExperimentalSettings

if TYPE_CHECKING:
    from hinode.engines.fal.provider import FalProvider


class FalSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "fal"``."""

    kind: Literal["fal"] = Field(description="`fal`: the queue of fal, for any of its models.")
    url: str = Field(default="https://queue.fal.run", description="Base URL of fal's queue.")
    key_env: str = Field(default="FAL_KEY", description="Environment variable that holds the key.")
    duration_as: Literal["text", "number", "suffixed"] = Field(
        default="text",
        description='How the models there take a length: `text` ("8"), `number` (8) or `suffixed` '
        '("8s"); the page of a model says it.',
    )


def _load() -> type[FalProvider]:
    from hinode.engines.fal.provider import FalProvider

    return FalProvider


KIND = provider_kind(FalSettings, _load)
