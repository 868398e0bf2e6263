"""Make the engine kind of a provider, whose module is imported only when an engine is made."""

from __future__ import annotations

from pkgutil import resolve_name

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ExperimentalSettings, HostedSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool


def provider_kind(
    settings: type[HostedSettings], provider: str, *, untried: bool = True
) -> EngineKind:
    """Return the kind with these settings; ``provider`` names a class as ``module:class``.

    Commands that read settings need no HTTP client, so nothing of it is imported for them.
    """

    def create(name: str, given: HostedSettings, _accounts: AccountPool | None) -> Engine:
        from hinode.engines.hosted.engine import HostedEngine

        if isinstance(given, ExperimentalSettings):
            given.require_experimental(name)
        return HostedEngine(name, given, resolve_name(provider)(given))

    return EngineKind(settings, create, untried=untried)
