"""The engine kind of DashScope, the platform of Alibaba."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.dashscope.settings import DashScopeSettings
from hinode.engines.hosted.kind import provider_kind

if TYPE_CHECKING:
    from hinode.engines.dashscope.provider import DashScopeProvider


def _load() -> type[DashScopeProvider]:
    from hinode.engines.dashscope.provider import DashScopeProvider

    return DashScopeProvider


KIND = provider_kind(DashScopeSettings, _load)
