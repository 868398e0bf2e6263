"""The clock that all processes of one database share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hinode.core.timekeeping import repository
from hinode.kit.clock import Clock, SystemClock

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The clock of a PostgreSQL server; each call of :meth:`now` is a query."""

    db: Database

    def now(self) -> datetime:
        """Return the server's time."""
        with self.db.read() as conn:
            return repository.server_times(conn).now


def shared_clock(db: Database) -> Clock:
    """Return PostgreSQL's clock; for SQLite the machine's, on which all processes run."""
    return SystemClock() if db.is_sqlite else ServerClock(db)
