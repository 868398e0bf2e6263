"""Settings of the engine kind of MiniMax's API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.hosted_models.minimax import MODELS


class MiniMaxSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "minimax"``."""

    known_models = MODELS
    kind: Literal["minimax"] = Field(description="`minimax`: the API of MiniMax.")
    url: str = Field(
        default="https://api.minimax.io",
        description="Base URL: the international one, or https://api.minimaxi.com.",
    )
    key_env: str = Field(
        default="MINIMAX_API_KEY", description="Environment variable that holds the key."
    )
