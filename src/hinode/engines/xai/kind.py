"""The engine kind of xAI's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.xai.settings import XaiSettings

if TYPE_CHECKING:
    from hinode.engines.xai.provider import XaiProvider


def _load() -> type[XaiProvider]:
    from hinode.engines.xai.provider import XaiProvider

    return XaiProvider


KIND = provider_kind(XaiSettings, _load)
