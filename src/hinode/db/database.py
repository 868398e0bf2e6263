"""One database: its engine, and read and write transactions on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event

from hinode.db import text_case
from hinode.db.group_commit import GroupCommit

BUSY_TIMEOUT_MS = 30_000
_AFTER_COMMIT = "after_commit"

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


_TCP = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
"""Parameters of connections to PostgreSQL, unless the URL has them: a host that went without a word
is noticed within half a minute; by the system's defaults, after a quarter of an hour or more."""


class Database:
    """A SQLite or PostgreSQL database, by SQLAlchemy URL.

    ``connection_url`` is the same with the parameters of the connection.

    ``read()`` yields a connection in autocommit; ``write()`` yields one in a transaction that
    commits when the block ends and rolls back when it raises.
    """

    sqlite_synchronous: ClassVar[str] = "FULL"
    """SQLite's ``synchronous``; less than FULL loses commits at a power failure."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = _with_driver(sa.make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        query = self.url.query if self.is_sqlite else {**_TCP, **self.url.query}
        self.connection_url = self.url.set(query=query)
        self.engine = self._sqlite(pool_size) if self.is_sqlite else self._postgres(pool_size)
        self._group = GroupCommit(self.engine) if self.is_sqlite else None
        self.before_commit: Callable[[sa.Connection], None] | None = None
        """Called at the end of each transaction, within it."""

    def _sqlite(self, pool_size: int) -> sa.Engine:
        engine = sa.create_engine(
            self.connection_url,
            pool_size=pool_size,
            max_overflow=-1,
            connect_args={"check_same_thread": False},
            hide_parameters=True,  # errors are logged: no prompts, no secrets
        )
        event.listen(engine, "connect", partial(_configure_sqlite, self.sqlite_synchronous))
        return engine

    def _postgres(self, pool_size: int) -> sa.Engine:
        return sa.create_engine(
            self.connection_url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,
        )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Yield a connection for queries; each statement sees the newest committed data."""
        with self.engine.connect() as connection:
            # The SQLite driver is in autocommit as it is; see below.
            if not self.is_sqlite:
                connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Yield a connection in one transaction: all of the block is committed, or nothing.

        The block must not wait for anything but the database.
        """
        with self._group.write() if self._group else self.engine.begin() as connection:
            callbacks: list[Callable[[], None]] = []
            # Kept: a connection that broke meanwhile would raise another error when asked for it.
            info = connection.info
            info[_AFTER_COMMIT] = callbacks
            try:
                yield connection
                if self.before_commit is not None:
                    self.before_commit(connection)
            finally:
                info.pop(_AFTER_COMMIT, None)
        for callback in callbacks:
            callback()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def after_commit(connection: sa.Connection, callback: Callable[[], None]) -> None:
    """Call a function once the transaction of :meth:`Database.write` is committed."""
    connection.info[_AFTER_COMMIT].append(callback)


def _with_driver(url: sa.URL) -> sa.URL:
    """Name the driver that is installed. Raises ``sqlalchemy.exc.ArgumentError`` without one."""
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise sa.exc.ArgumentError(f"'{backend}' is not supported")
    return url.set(drivername=_DRIVERS[backend])


def _configure_sqlite(synchronous: str, connection: Any, _record: object) -> None:
    # Autocommit at the driver: transactions are begun below, with the right lock from the start.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function(text_case.SQLITE_NAME, 1, text_case.lower, deterministic=True)
