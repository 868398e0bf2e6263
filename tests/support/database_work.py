"""Count what a database does, in its own units, so that no clock and no other work matters.

SQLite: steps of its virtual machine. PostgreSQL: index entries and rows that were read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from hinode.db.database import Database

_STEPS_PER_CALL = 10
_PATIENCE_SECONDS = 30.0
_READ = sa.text(
    "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
    " + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)"
)
_END_OTHERS = sa.text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class DatabaseWork:
    """The work of one database; nothing else may use it meanwhile."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._steps = 0
        if db.is_sqlite:
            db.dispose()
            event.listen(db.engine, "connect", self._watch)

    def of(self, act: Callable[[], object]) -> int:
        """Run ``act`` and return its work."""
        before = self._total()
        act()
        return self._total() - before

    def _watch(self, connection: Any, _record: object) -> None:
        connection.set_progress_handler(self._step, _STEPS_PER_CALL)

    def _step(self) -> int:
        self._steps += _STEPS_PER_CALL
        return 0

    def _total(self) -> int:
        return self._steps if self._db.is_sqlite else self._read()

    def _read(self) -> int:
        # A connection reports what it has read when it ends, at the latest. A server gives it back
        # after the answer.
        pool = self._db.engine.pool
        assert isinstance(pool, sa.QueuePool)
        _wait_until(lambda: pool.checkedout() == 0)
        engine = sa.create_engine(self._db.url, poolclass=sa.NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            _wait_until(lambda: conn.scalar(_END_OTHERS) == 0)
            return int(conn.scalar(_READ) or 0)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "a connection did not end"
        time.sleep(0.02)
