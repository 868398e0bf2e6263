"""The engine kind of servers of the Sora backend dialect."""

from __future__ import annotations

from hinode.engines.base import Engine, EngineError
from hinode.engines.kinds import EngineKind
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.upstream_accounts import AccountPool


def _create(name: str, settings: SoraEngineSettings, accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.sora.engine import SoraEngine

    if accounts is None:
        raise EngineError("engine_misconfigured", f"The engine '{name}' has no account pool.")
    return SoraEngine(name, settings, accounts)


KIND = EngineKind(SoraEngineSettings, _create, has_accounts=True)
