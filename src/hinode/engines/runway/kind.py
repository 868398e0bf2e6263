"""The engine kind of Runway's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.runway.settings import RunwaySettings

if TYPE_CHECKING:
    from hinode.engines.runway.provider import RunwayProvider


def _load() -> type[RunwayProvider]:
    from hinode.engines.runway.provider import RunwayProvider

    return RunwayProvider


KIND = provider_kind(RunwaySettings, _load)
