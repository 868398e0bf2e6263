"""The engine kind of Runway's API: its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.runway import MODELS

if TYPE_CHECKING:
    from hinode.engines.runway.provider import RunwayProvider


class RunwaySettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "runway"``."""

    known_models = MODELS
    kind: Literal["runway"] = Field(description="`runway`: the API of Runway.")
    url: str = Field(
        default="https://api.dev.runwayml.com", description="Base URL of Runway's API."
    )
    key_env: str = Field(
        default="RUNWAYML_API_SECRET", description="Environment variable that holds the key."
    )


def _load() -> type[RunwayProvider]:
    from hinode.engines.runway.provider import RunwayProvider

    return RunwayProvider


KIND = provider_kind(RunwaySettings, _load)
