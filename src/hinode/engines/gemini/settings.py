"""The engine kind of Google's Gemini API: its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.hosted_models.gemini import MODELS

if TYPE_CHECKING:
    from hinode.engines.gemini.provider import GeminiProvider


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


def _load() -> type[GeminiProvider]:
    from hinode.engines.gemini.provider import GeminiProvider

    return GeminiProvider


KIND = provider_kind(GeminiSettings, _load)
