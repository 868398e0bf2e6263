"""Settings of the engine kind of Google's Gemini API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.hosted_models.gemini import MODELS


class GeminiSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "gemini"``."""

    known_models = MODELS
    max_response_bytes = 48 * 2**20  # a video may lie in the answer to a poll
    kind: Literal["gemini"] = Field(
        description="`gemini`: Google's Gemini API, which renders Gemini Omni."
    )
    url: str = Field(
        default="https://generativelanguage.googleapis.com/v1beta",
        description="Base URL of the Gemini API.",
    )
    key_env: str = Field(
        default="GEMINI_API_KEY", description="Environment variable that holds the key."
    )
