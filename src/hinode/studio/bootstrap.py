"""The first start: an admin account with unlimited credits and one key."""

from __future__ import annotations

import sqlalchemy as sa

from hinode.db.database import Database
from hinode.kit.clock import Clock
from hinode.studio.access import service as access
from hinode.studio.access.service import NewKey
from hinode.studio.access.types import Scope
from hinode.studio.accounts import repository as accounts
from hinode.studio.accounts.types import ADMIN, Account, Plan
from hinode.studio.errors import StudioError
from hinode.studio.operator import create_account


def bootstrap(db: Database, clock: Clock) -> NewKey | None:
    """Make the admin account and its key; None when the studio was set up before."""
    with db.read() as conn:
        if _admin(conn):
            return None
    try:
        with db.write() as conn:
            admin = create_account(conn, ADMIN, Plan.TEAM, unlimited=True, clock=clock)
            return access.create(
                conn, admin.id, "first key", scopes=set(Scope), expires_at=None, clock=clock
            )
    except StudioError:
        return None  # another process starting for the first time was quicker


def _admin(conn: sa.Connection) -> Account | None:
    return accounts.by_name(conn, ADMIN)
