"""The uptime that workers count, passed without waiting."""

from __future__ import annotations

from datetime import timedelta

from hinode.core.timekeeping import repository
from hinode.db.database import Database


def pass_uptime(db: Database, length: timedelta) -> None:
    """Count a length of uptime, as workers do minute by minute."""
    with db.write() as conn:
        passed = repository.uptime(conn) + length // timedelta(milliseconds=1)
        repository.raise_uptime(conn, passed)
