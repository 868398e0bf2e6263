"""Looking at one account because an operator wants to know now."""

from __future__ import annotations

from uuid import UUID

from hinode.engines.base import EngineError
from hinode.engines.registry import EngineRegistry
from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.keeper import AccountLost
from hinode.studio.upstream_desk import UpstreamDesk


async def look(engines: EngineRegistry, desk: UpstreamDesk, account_id: UUID) -> str | None:
    """Ask an account's server about it and keep what it says; return what is wrong, or None.

    Raises :class:`hinode.studio.errors.StudioError` when there is no such account.
    """
    name = desk.view(account_id).account.engine
    try:
        engine = engines.get(name)
        if not isinstance(engine, SoraEngine):
            return f"The engine '{name}' has no accounts."
        await engine.keeper.look(account_id)
    except (AccountLost, SoraFailure, EngineError) as error:
        return str(error)
    return None
