"""Hide expired files, and remove them after a grace period that is counted in uptime.

A wrong clock that is corrected within the grace period has removed nothing: files that were hidden
too early are restored when the clock is right, and the operator can restore all hidden files.

Rows are deleted before objects: a crash in between leaves an object without a row, which
:class:`hinode.core.assets.orphans.OrphanCleanup` removes, and never a row without its object.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.files import repository as files
from hinode.core.jobs import expiry_repository as repository
from hinode.core.timekeeping.repository import uptime
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

SWEEP_BATCH = 200
"""Jobs or files of one transaction; the scheduler repeats a sweep that found as many."""
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class RestoredFiles:
    """The numbers of jobs with restored files, and of restored uploads."""

    jobs: int
    files: int


@dataclass(frozen=True, slots=True)
class FileExpiry:
    """Expiry of files; safe to run in several processes at once.

    ``grace`` is the time between hiding and removal, in counted uptime.
    """

    db: Database
    store: ObjectStore
    clock: Clock
    grace: timedelta

    def hide_jobs(self) -> int:
        """Hide the expired files of up to 200 jobs; return the number of jobs."""
        with self.db.read() as conn:
            due = repository.expired(conn, self.clock.now(), SWEEP_BATCH)
        if due:
            with self.db.write() as conn:
                repository.hide(conn, due, self._removal_due(conn))
        return len(due)

    def hide_files(self) -> int:
        """Hide up to 200 expired uploads; return their number."""
        with self.db.read() as conn:
            due = files.expired(conn, self.clock.now(), SWEEP_BATCH)
        if due:
            with self.db.write() as conn:
                files.hide(conn, due, self._removal_due(conn))
        return len(due)

    def restore_early(self) -> RestoredFiles:
        """Restore files that were hidden before they expired, because the clock was ahead."""
        now = self.clock.now()
        with self.db.write() as conn:
            early = repository.hidden(conn, SWEEP_BATCH, expired_after=now)
            if early:
                repository.restore(conn, early)
            return RestoredFiles(len(early), files.restore_early(conn, now))

    def remove_hidden(self) -> int:
        """Remove up to 200 assets and 200 uploads whose grace period is over; return the number."""
        with self.db.write() as conn:
            now = uptime(conn)
            keys = assets.delete_due(conn, now, SWEEP_BATCH) + files.delete_due(
                conn, now, SWEEP_BATCH
            )
        self.store.delete(keys)
        return len(keys)

    def _removal_due(self, conn: sa.Connection) -> int:
        return uptime(conn) + self.grace // _MILLISECOND


def restore_hidden(db: Database, until: datetime) -> RestoredFiles:
    """Restore all hidden files; they expire at ``until`` at the earliest.

    Jobs are restored in batches, each in a transaction, so that no lock is held for long.
    """
    with db.write() as conn:
        shown_files = files.restore(conn, until)
    shown_jobs = 0
    while True:
        with db.write() as conn:
            found = repository.hidden(conn, SWEEP_BATCH)
            if not found:
                return RestoredFiles(shown_jobs, shown_files)
            repository.restore(conn, [(job_id, max(at, until)) for job_id, at in found])
        shown_jobs += len(found)
