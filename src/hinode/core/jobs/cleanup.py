"""Periodic cleanup: fail overdue jobs, hide and remove expired files, archive old jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hinode.core.engines import daily_credits
from hinode.core.jobs import accounting, idempotency, repository
from hinode.core.jobs.archive import JobArchive
from hinode.core.jobs.expiry import SWEEP_BATCH, FileExpiry
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.types import DEADLINE
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database

IDEMPOTENCY_KEY_TTL = timedelta(hours=24)
"""Retention of idempotency keys."""

DEADLINE_GRACE = timedelta(seconds=60)
"""Time after its deadline in which a job's own worker can still end it with a better reason."""


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """The numbers of jobs, files and keys that one sweep ended or removed."""

    overdue_jobs: int
    restored: int
    expired_jobs: int
    expired_files: int
    removed_files: int
    archived_jobs: int
    idempotency_keys: int


@dataclass(frozen=True, slots=True)
class JobCleanup:
    """Cleanup of jobs; safe to run in several processes at once."""

    db: Database
    lifecycle: JobLifecycle
    expiry: FileExpiry
    archive: JobArchive
    clock: Clock

    def sweep(self) -> CleanupResult:
        """Run one sweep; each step handles one batch of jobs or files."""
        restored = self.expiry.restore_early()
        return CleanupResult(
            overdue_jobs=self._fail_overdue(),
            restored=restored.jobs + restored.files,
            expired_jobs=self.expiry.hide_jobs(),
            expired_files=self.expiry.hide_files(),
            removed_files=self.expiry.remove_hidden(),
            archived_jobs=self.archive.run(),
            idempotency_keys=self._delete_old_idempotency_keys(),
        )

    def _fail_overdue(self) -> int:
        with self.db.read() as conn:
            overdue = repository.overdue(conn, self.clock.now() - DEADLINE_GRACE, SWEEP_BATCH)
        failed = 0
        for job_id in overdue:
            with self.db.write() as conn:
                failed += self.lifecycle.fail(conn, job_id, DEADLINE)
        return failed

    def _delete_old_idempotency_keys(self) -> int:
        now = self.clock.now()
        with self.db.write() as conn:
            accounting.forget_key_spend(conn, now)
            daily_credits.forget(conn, now)
            return idempotency.delete_before(conn, now - IDEMPOTENCY_KEY_TTL)
