"""What must be done from time to time: late jobs fail, old files and promises go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.characters import cameo_repository as cameos
from hinode.core.characters import repository as characters
from hinode.core.files import repository as files
from hinode.core.jobs import idempotency, repository
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import DEADLINE
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

IDEMPOTENCY_KEY_TTL = timedelta(hours=24)
"""How long an idempotency key is remembered."""

DEADLINE_GRACE = timedelta(seconds=60)
"""How long after its deadline a job is left to its own worker, which knows best."""

MIN_ORPHAN_AGE = timedelta(hours=6)
"""How old a stored object must be before it counts as forgotten by a crash."""

_JOB_PREFIXES = ("outputs", "uploads")
_FILE_PREFIXES = ("files",)
_CHARACTER_PREFIXES = ("characters", "cameos")
_BATCH = 200

KnownKeys = Callable[[sa.Connection, Sequence[str]], set[str]]


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """How much one sweep removed."""

    overdue_jobs: int
    expired_jobs: int
    expired_files: int
    idempotency_keys: int


@dataclass(frozen=True, slots=True)
class JobCleanup:
    """Sweeps that any process may run at any time, and several at once."""

    db: Database
    store: ObjectStore
    lifecycle: JobLifecycle
    clock: Clock

    def sweep(self) -> CleanupResult:
        """Fail late jobs, remove what has expired, and forget old idempotency."""
        return CleanupResult(
            overdue_jobs=self._fail_overdue(),
            expired_jobs=self._remove_expired(),
            expired_files=self._remove_expired_files(),
            idempotency_keys=self._delete_old_idempotency_keys(),
        )

    def remove_orphans(self) -> int:
        """Remove stored objects that no row knows: what a crash left. Returns how many."""
        kinds = (
            (_JOB_PREFIXES, assets.known_keys),
            (_FILE_PREFIXES, files.known_keys),
            (_CHARACTER_PREFIXES, _known_character_keys),
        )
        return sum(self._remove_unknown(prefixes, known) for prefixes, known in kinds)

    def _remove_unknown(self, prefixes: Sequence[str], known_keys: KnownKeys) -> int:
        before = self.clock.now() - MIN_ORPHAN_AGE
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

    def _fail_overdue(self) -> int:
        with self.db.read() as conn:
            overdue = repository.overdue(conn, self.clock.now() - DEADLINE_GRACE, _BATCH)
        failed = 0
        for job_id in overdue:
            with self.db.write() as conn:
                failed += self.lifecycle.fail(conn, job_id, DEADLINE)
        return failed

    def _remove_expired(self) -> int:
        with self.db.read() as conn:
            due = repository.expired(conn, self.clock.now(), _BATCH)
        if not due:
            return 0
        with self.db.write() as conn:
            keys = assets.delete_of_jobs(conn, due)
            repository.clear_expiry(conn, due)
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

    def _delete_old_idempotency_keys(self) -> int:
        with self.db.write() as conn:
            return idempotency.delete_before(conn, self.clock.now() - IDEMPOTENCY_KEY_TTL)


def _known_character_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
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
