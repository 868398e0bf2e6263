"""Make the engine kind of a provider, whose module is imported only when an engine is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ExperimentalSettings, HostedSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool

if TYPE_CHECKING:
    from hinode.engines.hosted.provider import Provider

S = TypeVar("S", bound=HostedSettings)


@dataclass(frozen=True, slots=True)
class _Factory(Generic[S]):
    """Makes the engine of a name from its settings; it goes to other processes as it is."""

    load: Callable[[], Callable[[S], Provider]]

    def __call__(self, name: str, given: S, _accounts: AccountPool | None) -> Engine:
        from hinode.engines.hosted.engine import HostedEngine

        if isinstance(given, ExperimentalSettings):
            given.require_experimental(name)
        return HostedEngine(name, given, self.load()(given))


def provider_kind(
    settings: type[S], load: Callable[[], Callable[[S], Provider]], *, untried: bool = True
) -> EngineKind:
    """Return the kind with these settings; ``load`` imports the class of its provider.

    Commands that read settings need no HTTP client, so nothing of it is imported for them.
    """
    return EngineKind(settings, _Factory(load), untried=untried)
