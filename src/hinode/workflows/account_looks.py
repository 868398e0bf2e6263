"""Looking at one account because an operator wants to know now."""

from __future__ import annotations

from uuid import UUID

from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.keeper import AccountLost
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.studio.account_pool import AccountPool
from hinode.workflows.account_pool import EnginePool


async def look(
    name: str, settings: SoraEngineSettings, pool: AccountPool, account_id: UUID
) -> str | None:
    """Ask a server about an account and keep what it says; return what is wrong, or None."""
    engine = SoraEngine(name, settings, EnginePool(name, pool))
    try:
        await engine.keeper.look(account_id)
    except (AccountLost, SoraFailure) as error:
        return str(error)
    return None
