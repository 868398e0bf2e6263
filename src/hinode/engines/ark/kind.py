"""The engine kind of Ark, the platform of ByteDance and BytePlus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.ark.settings import ArkSettings
from hinode.engines.hosted.kind import provider_kind

if TYPE_CHECKING:
    from hinode.engines.ark.provider import ArkProvider


def _load() -> type[ArkProvider]:
    from hinode.engines.ark.provider import ArkProvider

    return ArkProvider


KIND = provider_kind(ArkSettings, _load)
