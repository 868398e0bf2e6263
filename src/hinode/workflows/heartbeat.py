"""Heartbeats of worker processes, and the detection of dead ones.

A worker holds a lock on a file in the data folder as long as it lives, so a killed worker is
detected at once on its own machine; on other machines its heartbeat stops changing. Nobody compares
the clocks of two machines: a heartbeat is watched with the observer's own uptime.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hinode.db.database import Database
from hinode.db.types import SERVER_TIME
from hinode.kit.clock import Clock
from hinode.workflows.tables import workers

DEAD_AFTER = timedelta(seconds=20)
"""Time without a new heartbeat after which its worker counts as dead."""

HUNG_AFTER = timedelta(seconds=60)
"""The same for a process on this machine that still holds its lock: it lives, and does nothing."""

_LONGEST_ROUND_SECONDS = 5.0
_STEP = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker process and its last heartbeat in the database."""

    id: str
    last_heartbeat_at: datetime


class HeartbeatWatch:
    """Counts for how long each worker's heartbeat has not changed, in this process's uptime.

    A round that comes late counts as a few seconds: if this process stood still, so may the others.
    """

    def __init__(self, uptime: Callable[[], float]) -> None:
        self._uptime = uptime
        self._observed_at = uptime()
        self._silent: dict[str, tuple[datetime, float]] = {}

    def observe(self, workers: list[Worker]) -> dict[str, timedelta]:
        """Return for how long each of these workers has been silent."""
        now = self._uptime()
        passed = min(now - self._observed_at, _LONGEST_ROUND_SECONDS)
        self._observed_at = now
        last = self._silent
        self._silent = {one.id: (one.last_heartbeat_at, 0.0) for one in workers}
        for name, (beat, seconds) in last.items():
            if name in self._silent and self._silent[name][0] == beat:
                self._silent[name] = beat, seconds + passed
        return {name: timedelta(seconds=seconds) for name, (_, seconds) in self._silent.items()}


class Heartbeat:
    """The heartbeat of this process, and the detection of processes without one."""

    def __init__(
        self,
        db: Database,
        folder: Path,
        worker_id: str,
        clock: Clock,
        uptime: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._folder = folder
        self._clock = clock
        self._watch = HeartbeatWatch(uptime)
        self._last_beat: datetime | None = None
        self.worker_id = worker_id
        self._lock: int | None = None

    def start(self) -> None:
        """Take the lock and write the first heartbeat."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _try_lock(self._path(self.worker_id), create=True)
        self.beat()

    def beat(self) -> None:
        """Write a heartbeat, which differs from the last one even if the clock stands still."""
        now = self._clock.now()
        if now == self._last_beat:
            now += _STEP
        self._last_beat = now
        values = {"last_heartbeat_at": now if self._db.is_sqlite else SERVER_TIME}
        mine = workers.c.id == self.worker_id
        with self._db.write() as conn:
            if conn.execute(workers.update().where(mine).values(values)).rowcount == 0:
                conn.execute(workers.insert().values(id=self.worker_id, **values))

    def stop(self) -> None:
        """Release the lock; the row stays, so that others resume the unfinished work."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def dead(self) -> list[Worker]:
        """Return the workers whose lock is released or who have been silent for too long."""
        with self._db.read() as conn:
            rows = conn.execute(workers.select().where(workers.c.id != self.worker_id)).all()
        others = [Worker(row.id, row.last_heartbeat_at) for row in rows]
        silent = self._watch.observe(others)
        return [one for one in others if self._is_dead(one, silent[one.id])]

    def _is_dead(self, worker: Worker, silent: timedelta) -> bool:
        if not self._path(worker.id).exists():
            return silent > DEAD_AFTER
        return self._lock_released(worker) or silent > HUNG_AFTER

    @contextmanager
    def claim_dead_worker(self, worker: Worker) -> Iterator[bool]:
        """Claim a dead worker; True when this process may resume its work. Delete it at the end.

        If this process dies meanwhile, others find the row silent again.
        """
        lock = _try_lock(self._path(worker.id), create=False)
        claimed = self._claim(worker)
        try:
            yield claimed
            if claimed:
                self._delete(worker)
                if lock is not None:
                    self._path(worker.id).unlink(missing_ok=True)
        finally:
            if lock is not None:
                os.close(lock)

    def _delete(self, worker: Worker) -> None:
        with self._db.write() as conn:
            conn.execute(workers.delete().where(workers.c.id == worker.id))

    def _claim(self, worker: Worker) -> bool:
        unchanged = (workers.c.id == worker.id) & (
            workers.c.last_heartbeat_at == worker.last_heartbeat_at
        )
        renewed = worker.last_heartbeat_at + _STEP
        with self._db.write() as conn:
            return (
                conn.execute(
                    workers.update().where(unchanged).values(last_heartbeat_at=renewed)
                ).rowcount
                == 1
            )

    def _lock_released(self, worker: Worker) -> bool:
        """Return whether the worker's lock file exists here and is not held."""
        return _is_released(self._path(worker.id))

    def _path(self, worker_id: str) -> Path:
        return _lock_path(self._folder, worker_id)


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker process; ``is_alive`` says that its heartbeat is fresh."""

    id: str
    last_heartbeat_at: datetime
    is_alive: bool


def list_workers(db: Database, clock: Clock) -> list[WorkerView]:
    """Return the workers by id, by the clock that wrote their heartbeats."""
    query = sa.select(workers, _fresh(db, clock).label("fresh")).order_by(workers.c.id)
    with db.read() as conn:
        return [
            WorkerView(row.id, row.last_heartbeat_at, bool(row.fresh))
            for row in conn.execute(query)
        ]


def count_alive(db: Database, clock: Clock) -> int:
    """Count the workers with a fresh heartbeat, by the clock that wrote them."""
    with db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).where(_fresh(db, clock))) or 0


def _fresh(db: Database, clock: Clock) -> sa.ColumnElement[bool]:
    beat = workers.c.last_heartbeat_at
    if db.is_sqlite:
        return beat >= clock.now() - DEAD_AFTER
    silent = int(DEAD_AFTER.total_seconds() * 1000)
    return sa.type_coerce(beat, sa.BigInteger) >= SERVER_TIME - silent


def is_gone(folder: Path, worker_id: str) -> bool:
    """Return whether no process of this machine holds a worker's lock, which are in a folder."""
    path = _lock_path(folder, worker_id)
    return not path.exists() or _is_released(path)


def _lock_path(folder: Path, worker_id: str) -> Path:
    return folder / f"{worker_id}.lock"


def _is_released(path: Path) -> bool:
    lock = _try_lock(path, create=False)
    if lock is None:
        return False
    os.close(lock)
    return True


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
