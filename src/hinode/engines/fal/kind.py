"""The engine kind of fal's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.fal.settings import FalSettings
from hinode.engines.hosted.kind import provider_kind

if TYPE_CHECKING:
    from hinode.engines.fal.provider import FalProvider


def _load() -> type[FalProvider]:
    from hinode.engines.fal.provider import FalProvider

    return FalProvider


KIND = provider_kind(FalSettings, _load)
