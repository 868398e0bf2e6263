"""Rows of many jobs of one account, in every state, copied from one real job."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits.tables import ledger
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.core.webhooks.tables import deliveries, events
from hinode.kit.ids import min_id_at, new_id

STATES = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELED, JobState.QUEUED)
_LAST_RANK = 10**6
_APART = timedelta(seconds=2)


def add_jobs(services: Services, caller: Caller, count: int) -> None:
    """Give an account ``count`` jobs more in each state, and let the database tidy up."""
    first = services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams()))
    with services.db.write() as conn:
        row = conn.execute(jobs.select().where(jobs.c.id == first.id)).mappings().one()
        conn.execute(jobs.insert(), [_copy(dict(row), n) for n in range(count * len(STATES))])
    _tidy_up(services)


def add_records(services: Services, caller: Caller, count: int) -> None:
    """Give an account ``count`` jobs' entries of the ledger and delivered webhooks."""
    account, now = caller.account_id, services.clock.now()
    ids = [(new_id(), new_id(), new_id()) for _ in range(count)]
    holds = [_entry(account, job, now, "hold", -100) for job, _, _ in ids]
    settles = [_entry(account, job, now, "settle", 0) for job, _, _ in ids]
    with services.db.write() as conn:
        conn.execute(ledger.insert(), [*holds, *settles])
        conn.execute(events.insert(), [_event(account, one, now) for one in ids])
        conn.execute(deliveries.insert(), [_delivery(account, one, now) for one in ids])
    _tidy_up(services)


def _entry(account: UUID, job: UUID, now: datetime, kind: str, amount: int) -> dict[str, Any]:
    row = {"id": new_id(), "account_id": account, "job_id": job, "created_at": now}
    return {**row, "kind": kind, "amount": amount, "engine": None, "upstream": None}


def _event(account: UUID, ids: tuple[UUID, UUID, UUID], now: datetime) -> dict[str, Any]:
    row = {"id": ids[1], "account_id": account, "job_id": ids[0], "created_at": now}
    return {**row, "type": "video.completed", "body": "{}"}


def _delivery(account: UUID, ids: tuple[UUID, UUID, UUID], now: datetime) -> dict[str, Any]:
    row = {"id": ids[2], "account_id": account, "event_id": ids[1], "created_at": now}
    return {**row, "state": "delivered", "attempts": 1, "ended_at": now}


def _tidy_up(services: Services) -> None:
    services.core.reports.add_up()
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
