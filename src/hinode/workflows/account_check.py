"""Looking at one account because an operator wants to know now."""

from __future__ import annotations

from uuid import UUID

from hinode.core.account_pool import AccountPool
from hinode.engines.sora.account_sessions import AccountUnusable
from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.errors import SoraClientError
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.workflows.account_pool import EngineAccountPool


async def check_account(
    name: str, settings: SoraEngineSettings, pool: AccountPool, account_id: UUID
) -> str | None:
    """Ask a server about an account and keep what it says; return what is wrong, or None."""
    engine = SoraEngine(name, settings, EngineAccountPool(name, pool))
    try:
        await engine.sessions.check_account(account_id)
    except (AccountUnusable, SoraClientError) as error:
        return str(error)
    return None
