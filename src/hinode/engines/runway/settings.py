"""Settings of the engine kind of Runway's API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.runway import MODELS


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
