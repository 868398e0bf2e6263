"""The engine kind of MiniMax's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.minimax.settings import MiniMaxSettings

if TYPE_CHECKING:
    from hinode.engines.minimax.provider import MiniMaxProvider


def _load() -> type[MiniMaxProvider]:
    from hinode.engines.minimax.provider import MiniMaxProvider

    return MiniMaxProvider


KIND = provider_kind(MiniMaxSettings, _load)
