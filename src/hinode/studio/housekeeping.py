"""What must be done from time to time: late jobs fail, old files and promises go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.studio.assets import repository as assets
from hinode.studio.characters import cameo_repository as cameos
from hinode.studio.characters import repository as characters
from hinode.studio.files import repository as files
from hinode.studio.jobs import promises, repository
from hinode.studio.jobs.service import JobService
from hinode.studio.jobs.types import DEADLINE

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

PROMISE_AGE = timedelta(hours=24)
"""How long an idempotency key is remembered."""

LATE_GRACE = timedelta(seconds=60)
"""How long after its deadline a job is left to its own worker, which knows best."""

ORPHAN_AGE = timedelta(hours=6)
"""How old a stored object must be before it counts as forgotten by a crash."""

_OF_JOBS = ("outputs", "uploads")
_OF_FILES = ("files",)
_OF_CAST = ("characters", "cameos")
_BATCH = 200

KnownKeys = Callable[[sa.Connection, Sequence[str]], set[str]]


@dataclass(frozen=True, slots=True)
class Swept:
    """How much one sweep removed."""

    late_jobs: int
    expired_jobs: int
    expired_files: int
    promises: int


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Sweeps that any process may run at any time, and several at once."""

    db: Database
    store: ObjectStore
    jobs: JobService
    clock: Clock

    def sweep(self) -> Swept:
        """Fail late jobs, remove what has expired, and forget old promises."""
        return Swept(
            late_jobs=self._fail_late(),
            expired_jobs=self._remove_expired(),
            expired_files=self._remove_expired_files(),
            promises=self._forget_promises(),
        )

    def remove_orphans(self) -> int:
        """Remove stored objects that no row knows: what a crash left. Returns how many."""
        kinds = (
            (_OF_JOBS, assets.known_keys),
            (_OF_FILES, files.known_keys),
            (_OF_CAST, _known_to_cast),
        )
        return sum(self._remove_unknown(prefixes, known) for prefixes, known in kinds)

    def _remove_unknown(self, prefixes: Sequence[str], known_keys: KnownKeys) -> int:
        before = self.clock.now() - ORPHAN_AGE
        found = chain.from_iterable(self.store.list(prefix) for prefix in prefixes)
        old = (one.key for one in found if one.modified < before)
        removed = 0
        for keys in _batches(old):
            with self.db.read() as conn:
                known = known_keys(conn, keys)
            orphans = [key for key in keys if key not in known]
            self.store.delete(orphans)
            removed += len(orphans)
        return removed

    def _fail_late(self) -> int:
        with self.db.read() as conn:
            late = repository.late(conn, self.clock.now() - LATE_GRACE, _BATCH)
        failed = 0
        for job_id in late:
            with self.db.write() as conn:
                failed += self.jobs.fail(conn, job_id, DEADLINE)
        return failed

    def _remove_expired(self) -> int:
        with self.db.read() as conn:
            due = repository.expired(conn, self.clock.now(), _BATCH)
        if not due:
            return 0
        with self.db.write() as conn:
            keys = assets.delete_of_jobs(conn, due)
            repository.forget_expiry(conn, due)
        self.store.delete(keys)
        return len(due)

    def _remove_expired_files(self) -> int:
        with self.db.read() as conn:
            due = files.expired(conn, self.clock.now(), _BATCH)
        if not due:
            return 0
        with self.db.write() as conn:
            keys = files.delete(conn, due)
        self.store.delete(keys)
        return len(keys)

    def _forget_promises(self) -> int:
        with self.db.write() as conn:
            return promises.forget_before(conn, self.clock.now() - PROMISE_AGE)


def _known_to_cast(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    return characters.known_keys(conn, keys) | cameos.known_keys(conn, keys)


def _batches(keys: Iterable[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
