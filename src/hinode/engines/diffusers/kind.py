"""The engine kind of open-weight models in our own processes."""

from __future__ import annotations

from hinode.engines.base import Engine
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool


def _create(name: str, settings: DiffusersSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that start no process.
    from hinode.engines.diffusers.engine import DiffusersEngine

    return DiffusersEngine(name, settings)


KIND = EngineKind(DiffusersSettings, _create)
