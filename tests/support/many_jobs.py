"""Rows of many jobs of one account, in every state, copied from one real job."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.kit.ids import min_id_at

STATES = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELED, JobState.QUEUED)
_LAST_RANK = 10**6
_APART = timedelta(seconds=2)


def add_jobs(services: Services, caller: Caller, count: int) -> None:
    """Give an account ``count`` jobs more in each state, and let the database tidy up."""
    first = services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams()))
    with services.db.write() as conn:
        row = conn.execute(jobs.select().where(jobs.c.id == first.id)).mappings().one()
        conn.execute(jobs.insert(), [_copy(dict(row), n) for n in range(count * len(STATES))])
    tidy = "ANALYZE" if services.db.is_sqlite else "VACUUM ANALYZE"
    with services.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(tidy))


def _copy(row: dict[str, Any], n: int) -> dict[str, Any]:
    state, created_at = STATES[n % len(STATES)], row["created_at"] - n * _APART
    # The number keeps ids apart that are made in one millisecond.
    row |= {"id": UUID(int=min_id_at(created_at).int + row["id"].int % 10**9 + n)}
    row |= {"state": state.value, "created_at": created_at, "queue_rank": _LAST_RANK - n}
    if state.ended:
        row |= {"ended_at": created_at + _APART, "expires_at": created_at + timedelta(days=30)}
    if state is JobState.FAILED:
        row |= {"error_code": "render_crashed", "error_message": "It crashed.", "charged": 0}
    return row
