"""Create the admin account and the first API key at the first start."""

from __future__ import annotations

from hinode.core.accounts import repository as accounts
from hinode.core.accounts import service
from hinode.core.accounts.types import ADMIN, Plan, Role
from hinode.core.auth import api_keys as access
from hinode.core.auth import repository as keys
from hinode.core.auth.api_keys import KeyWithSecret
from hinode.core.auth.signup import create_account
from hinode.core.auth.types import KeyLimits, Priority, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.db.database import Database
from hinode.kit.clock import Clock


def ensure_admin(db: Database, clock: Clock) -> None:
    """Create the admin account, an operator with unlimited credits, unless it exists."""
    with db.read() as conn:
        if accounts.by_name(conn, ADMIN):
            return
    try:
        with db.write() as conn:
            create_account(conn, ADMIN, Plan.TEAM, unlimited=True, clock=clock, role=Role.OPERATOR)
    except HinodeError as error:
        if error.code is not ErrorCode.NAME_TAKEN:  # another process may have created it meanwhile
            raise


def first_key(db: Database, clock: Clock) -> KeyWithSecret | None:
    """Create a key of the admin with every scope and priority; None when one was ever created."""
    with db.write() as conn:
        if keys.any_exist(conn):
            return None
        admin = service.get(conn, ADMIN)
        return access.create(
            conn,
            admin.id,
            "first key",
            scopes=set(Scope),
            expires_at=None,
            clock=clock,
            limits=KeyLimits(max_priority=Priority.HIGH),
        )
