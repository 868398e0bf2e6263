"""Group commit for SQLite: writers that queue behind one another share a commit to the disk.

SQLite has one writer at a time, and a durable commit waits for the disk. A writer leaves its
transaction open if others wait; the last one commits for all, and only then do they return. So all
waiters share the cost of a commit, and a single writer does not wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

MAX_GROUP_SIZE = 32
"""Bounds how long the first of a group waits for the others' statements."""

_SAVEPOINT = "hinode_writer"


class GroupCommit:
    """The writers of one process on one SQLite database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer_lock = threading.Lock()
        self._counter_lock = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Yield the connection for one writer's statements: all are committed to the disk, or none.

        The block must not wait for anything but the database: others share its transaction.
        """
        self._acquire_writer_lock()
        try:
            group = self._group = self._group or _Group.begin(self._engine)
        except BaseException:
            self._writer_lock.release()
            raise
        try:
            with group.savepoint():
                yield group.connection
        finally:
            self._release(group)
            # Also after an error: others may still have statements to commit in this group.
            group.wait_for_end()

    def _acquire_writer_lock(self) -> None:
        with self._counter_lock:
            self._waiting += 1
        try:
            self._writer_lock.acquire()
        finally:
            with self._counter_lock:
                self._waiting -= 1

    def _release(self, group: _Group) -> None:
        """End the group unless a writer waits to join it; then let the next writer in."""
        # Each waiter is counted before it waits, so it gets the lock that is released here.
        if not (self._waiting and group.accepts_writers):
            self._group = None
            group.end()
        self._writer_lock.release()


@dataclass(slots=True)
class _Group:
    """Writers in one transaction. ``writers`` counts those whose statements are in it."""

    connection: sa.Connection
    transaction: sa.RootTransaction
    writers: int = 0
    error: BaseException | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def begin(cls, engine: sa.Engine) -> _Group:
        connection = engine.connect()
        try:
            transaction = connection.begin()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            connection.close()
            raise
        return cls(connection, transaction)

    @property
    def accepts_writers(self) -> bool:
        return 0 < self.writers < MAX_GROUP_SIZE and self.error is None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run one writer's statements; when they fail, the others' stay."""
        joined = self.writers > 0
        try:
            if joined:
                self.connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
            yield
            if joined:
                self.connection.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
        except BaseException as cause:
            if joined:
                self._roll_back_savepoint(cause)
            raise
        self.writers += 1

    def end(self) -> None:
        """Commit for all, or roll back if all failed; wake all waiters with the result."""
        try:
            with self.connection:
                self._commit_or_roll_back()
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()

    def wait_for_end(self) -> None:
        """Wait until the group's transaction has ended; raise the error of the commit."""
        self.ended.wait()
        if self.error is not None:
            raise self.error

    def _commit_or_roll_back(self) -> None:
        if self.error is not None or not self.writers:
            self.transaction.rollback()
            return
        try:
            self.transaction.commit()
        except BaseException:
            # SQLite may keep the transaction open; closing its connection always rolls it back.
            self.connection.invalidate()
            raise

    def _roll_back_savepoint(self, cause: BaseException) -> None:
        try:
            self.connection.exec_driver_sql(f"ROLLBACK TO {_SAVEPOINT}")
            self.connection.exec_driver_sql(f"RELEASE {_SAVEPOINT}")
        except sa.exc.DBAPIError as error:
            # SQLite rolled back the whole transaction (disk full, for example): it failed for all.
            self.error = cause if isinstance(cause, sa.exc.DBAPIError) else error
