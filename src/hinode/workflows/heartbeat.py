"""Heartbeats of worker processes, and the detection of dead ones.

A worker holds a lock on a file in the data folder as long as it lives, so a killed worker is
detected at once on its own machine; on other machines its heartbeat times out.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hinode.db.database import Database
from hinode.kit.clock import Clock
from hinode.workflows.tables import workers

DEAD_AFTER = timedelta(seconds=20)
"""Age of a heartbeat after which its worker counts as dead."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process and its last heartbeat in the database."""

    id: str
    last_heartbeat_at: datetime


class Heartbeat:
    """The heartbeat of this process, and the detection of processes without one."""

    def __init__(self, db: Database, folder: Path, worker_id: str, clock: Clock) -> None:
        self._db = db
        self._folder = folder
        self._clock = clock
        self.worker_id = worker_id
        self._lock: int | None = None

    def start(self) -> None:
        """Take the lock and write the first heartbeat."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _try_lock(self._path(self.worker_id), create=True)
        self.beat()

    def beat(self) -> None:
        """Write a heartbeat."""
        now = self._clock.now()
        with self._db.write() as conn:
            mine = workers.c.id == self.worker_id
            if (
                conn.execute(workers.update().where(mine).values(last_heartbeat_at=now)).rowcount
                == 0
            ):
                conn.execute(workers.insert().values(id=self.worker_id, last_heartbeat_at=now))

    def stop(self) -> None:
        """Release the lock; the row stays, so that others resume the unfinished work."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def dead(self) -> list[Worker]:
        """Return the workers whose lock is released or whose heartbeat timed out."""
        now = self._clock.now()
        with self._db.read() as conn:
            rows = conn.execute(workers.select().where(workers.c.id != self.worker_id)).all()
        others = [Worker(row.id, row.last_heartbeat_at) for row in rows]
        return [
            one
            for one in others
            if self._lock_released(one) or one.last_heartbeat_at < now - DEAD_AFTER
        ]

    @contextmanager
    def claim_dead_worker(self, worker: Worker) -> Iterator[bool]:
        """Claim a dead worker; True when this process may resume its work. Delete it at the end.

        If this process dies meanwhile, the row's renewed heartbeat times out again.
        """
        path = self._path(worker.id)
        lock = _try_lock(path, create=False)
        claimed = (lock is not None or not path.exists()) and self._claim(worker)
        try:
            yield claimed
            if claimed:
                self._delete(worker)
        finally:
            if lock is not None:
                os.close(lock)

    def _delete(self, worker: Worker) -> None:
        with self._db.write() as conn:
            conn.execute(workers.delete().where(workers.c.id == worker.id))
        self._path(worker.id).unlink(missing_ok=True)

    def _claim(self, worker: Worker) -> bool:
        unchanged = (workers.c.id == worker.id) & (
            workers.c.last_heartbeat_at == worker.last_heartbeat_at
        )
        renewed = max(self._clock.now(), worker.last_heartbeat_at + timedelta(milliseconds=1))
        with self._db.write() as conn:
            return (
                conn.execute(
                    workers.update().where(unchanged).values(last_heartbeat_at=renewed)
                ).rowcount
                == 1
            )

    def _lock_released(self, worker: Worker) -> bool:
        """Return whether the worker's lock file exists here and is not held."""
        lock = _try_lock(self._path(worker.id), create=False)
        if lock is None:
            return False
        os.close(lock)
        return True

    def _path(self, worker_id: str) -> Path:
        return self._folder / f"{worker_id}.lock"


def count_alive(db: Database, clock: Clock) -> int:
    """Count the workers with a fresh heartbeat."""
    fresh = workers.c.last_heartbeat_at >= clock.now() - DEAD_AFTER
    with db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).where(fresh)) or 0


def _try_lock(path: Path, *, create: bool) -> int | None:
    """Lock a file without waiting; None when it is missing or held."""
    try:
        handle = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
