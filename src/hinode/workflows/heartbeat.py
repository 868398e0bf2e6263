"""Who is alive: worker processes beat, and the work of dead ones is found.

A worker holds a lock on a file in the data folder for as long as it lives, so on one machine a
killed worker is noticed at once; across machines its heartbeat grows old.
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
"""Age of a heartbeat from which its worker counts as gone."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process as the database knows it."""

    id: str
    last_heartbeat_at: datetime


class Heartbeat:
    """The sign of life of this process, and the search for processes without one."""

    def __init__(self, db: Database, folder: Path, worker_id: str, clock: Clock) -> None:
        self._db = db
        self._folder = folder
        self._clock = clock
        self.worker_id = worker_id
        self._lock: int | None = None

    def start(self) -> None:
        """Take the lock and beat for the first time."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = _try_lock(self._path(self.worker_id), create=True)
        self.beat()

    def beat(self) -> None:
        """Say that this worker is alive."""
        now = self._clock.now()
        with self._db.write() as conn:
            mine = workers.c.id == self.worker_id
            if (
                conn.execute(workers.update().where(mine).values(last_heartbeat_at=now)).rowcount
                == 0
            ):
                conn.execute(workers.insert().values(id=self.worker_id, last_heartbeat_at=now))

    def stop(self) -> None:
        """Leave the lock; the row stays, so that others take over what is unfinished."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def dead(self) -> list[Worker]:
        """Return the workers that are gone, as far as can be seen from here."""
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
        """Take over a dead worker, alone; True when this process is the one. Forgets it at the end.

        Should this process die meanwhile, the row's renewed heartbeat grows old again.
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
        """Say whether the worker's lock file is here and nobody holds it."""
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
