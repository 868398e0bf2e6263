"""The engine kind of Google's Gemini API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.gemini.settings import GeminiSettings
from hinode.engines.hosted.kind import provider_kind

if TYPE_CHECKING:
    from hinode.engines.gemini.provider import GeminiProvider


def _load() -> type[GeminiProvider]:
    from hinode.engines.gemini.provider import GeminiProvider

    return GeminiProvider


KIND = provider_kind(GeminiSettings, _load)
