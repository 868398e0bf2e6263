"""Archive old jobs: remove their rows and what files they still have; ledger and usage stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.jobs import job_log
from hinode.core.jobs.tables import jobs
from hinode.kit.clock import Clock
from hinode.kit.ids import min_id_at

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

_BATCH = 200


@dataclass(frozen=True, slots=True)
class JobArchive:
    """Removal of jobs that ended before ``retention``; None: never.

    Safe to run in several processes at once.
    """

    db: Database
    store: ObjectStore
    clock: Clock
    retention: timedelta | None

    def run(self) -> int:
        """Remove some jobs, the oldest first; return their number."""
        if self.retention is None:
            return 0
        before = self.clock.now() - self.retention
        with self.db.read() as conn:
            old = _ended_before(conn, before)
        if not old:
            return 0
        with self.db.write() as conn:
            # Jobs before assets, in the order of all other transactions, to avoid deadlocks.
            removed = conn.execute(jobs.delete().where(jobs.c.id.in_(old))).rowcount
            job_log.delete(conn, old)
            keys = assets.delete_of_jobs(conn, old)
        self.store.delete(keys)
        return removed


def _ended_before(conn: sa.Connection, moment: datetime) -> list[UUID]:
    """Return the oldest jobs that ended before a time, by the index of their ids.

    Ids begin with the time of the create, so the oldest jobs come first, and of jobs that old only
    the few that have not ended are passed over.
    """
    old = (jobs.c.id < min_id_at(moment)) & (jobs.c.ended_at < moment)
    return list(conn.scalars(sa.select(jobs.c.id).where(old).order_by(jobs.c.id).limit(_BATCH)))
