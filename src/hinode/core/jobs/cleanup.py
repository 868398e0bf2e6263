"""Periodic cleanup: fail overdue jobs, remove expired files and old idempotency keys.

Rows are deleted before objects: a crash in between leaves an object without a row, which
:class:`hinode.core.assets.orphans.OrphanCleanup` removes, and never a row without its object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hinode.core.assets import repository as assets
from hinode.core.files import repository as files
from hinode.core.jobs import idempotency, repository
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import DEADLINE
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

IDEMPOTENCY_KEY_TTL = timedelta(hours=24)
"""Retention of idempotency keys."""

DEADLINE_GRACE = timedelta(seconds=60)
"""Time after its deadline in which a job's own worker can still end it with a better reason."""

_BATCH = 200


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The numbers of jobs, files and keys that one sweep ended or removed."""

    overdue_jobs: int
    expired_jobs: int
    expired_files: int
    idempotency_keys: int


@dataclass(frozen=True, slots=True)
class JobCleanup:
    """Cleanup of jobs; safe to run in several processes at once."""

    db: Database
    store: ObjectStore
    lifecycle: JobLifecycle
    clock: Clock

    def sweep(self) -> CleanupResult:
        """Run one sweep; each step handles up to 200 jobs or files, later sweeps the rest."""
        return CleanupResult(
            overdue_jobs=self._fail_overdue(),
            expired_jobs=self._remove_expired(),
            expired_files=self._remove_expired_files(),
            idempotency_keys=self._delete_old_idempotency_keys(),
        )

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
