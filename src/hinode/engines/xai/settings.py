"""Settings of the engine kind of xAI's API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.xai import MODELS


class XaiSettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "xai"``."""

    known_models = MODELS
    kind: Literal["xai"] = Field(description="`xai`: the API of xAI, for Grok Imagine.")
    url: str = Field(default="https://api.x.ai/v1", description="Base URL of xAI's API.")
    key_env: str = Field(
        default="XAI_API_KEY", description="Environment variable that holds the key."
    )
