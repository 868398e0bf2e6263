"""Statements on jobs; every state transition is a compare-and-set on the row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth.types import Priority
from hinode.core.catalog.types import RenderPlan
from hinode.core.engines.daily_credits import RouteDay
from hinode.core.jobs.options import dump_options, load_options
from hinode.core.jobs.tables import job_logs, jobs
from hinode.core.jobs.types import (
    Job,
    JobError,
    JobState,
    ProgressReport,
    states_before,
)
from hinode.core.pagination import Page
from hinode.db.compiled_statement import CompiledStatement
from hinode.db.list_order import newest_first, oldest_first
from hinode.media.types import DigitalSourceType, JobAction, MediaKind

_INSERT = CompiledStatement(jobs.insert())
_FIND = jobs.select().where(jobs.c.id == sa.bindparam("job"), jobs.c.deleted_at.is_(None))
_FIND_OWN = CompiledStatement(_FIND.where(jobs.c.account_id == sa.bindparam("account")))
_OF_ACCOUNT = jobs.select().where(
    jobs.c.account_id == sa.bindparam("account"),
    jobs.c.kind == sa.bindparam("kind_name"),
    jobs.c.deleted_at.is_(None),
)
_LIMIT = sa.bindparam("most", type_=sa.Integer)
_PAGES = {
    True: CompiledStatement(
        _OF_ACCOUNT.where(jobs.c.id > sa.bindparam("edge"))
        .order_by(oldest_first(jobs.c.id))
        .limit(_LIMIT)
    ),
    False: CompiledStatement(
        _OF_ACCOUNT.where(jobs.c.id < sa.bindparam("edge"))
        .order_by(newest_first(jobs.c.id))
        .limit(_LIMIT)
    ),
}
UNFINISHED = sa.text("jobs.state IN ('queued', 'running')")
"""A literal: a partial index is used only if the query repeats its condition."""
_STOPPED = (JobState.FAILED.value, JobState.CANCELED.value)
BATCH_SIZE = 500
"""Ids of one IN clause; databases limit the number of bound parameters."""
_MOST_SECONDS = 366 * 86_400
"""The latest end that an engine is believed to expect."""
_BEFORE_ALL, _AFTER_ALL = UUID(int=0), UUID(int=2**128 - 1)
_PROGRESS = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("job"), jobs.c.state == JobState.RUNNING.value)
    .values(
        progress=sa.case(
            (jobs.c.progress < sa.bindparam("percent"), sa.bindparam("percent")),
            else_=jobs.c.progress,
        ),
        expected_end_at=sa.bindparam("ends_at"),
    )
)


def insert(
    conn: sa.Connection, job: Job, routes: str | None = None, overflow_at: datetime | None = None
) -> None:
    """Insert a queued job; its whole price counts as charged until it ends.

    ``routes`` is the JSON of its routes if it has several; at ``overflow_at`` it may move to one
    that takes overflow.
    """
    plan, counted = job.plan, job.counted_in
    _INSERT.run(
        conn,
        id=job.id,
        account_id=job.account_id,
        key_id=job.key_id,
        kind=job.kind.value,
        action=job.action.value,
        parent_id=job.parent_id,
        state=job.state.value,
        model=job.model,
        engine=job.engine,
        upstream=job.upstream,
        prompt=job.prompt,
        width=plan.width,
        height=plan.height,
        fps=plan.fps,
        frames=plan.frames,
        seed=plan.seed,
        outputs=plan.outputs,
        watermark=plan.watermark,
        options=dump_options(job.options),
        progress=job.progress,
        price=job.price,
        charged=job.price,
        route_price=job.route_price,
        upstream_cost=None,
        origin=None,
        routes=routes,
        counted_model=counted.model if counted else None,
        counted_day=counted.day if counted else None,
        overflow_at=overflow_at,
        priority=job.priority.value,
        queue_rank=job.queue_rank,
        created_at=job.created_at,
        deadline_at=job.deadline_at,
        started_at=None,
        expected_end_at=None,
        ended_at=None,
        expires_at=None,
        deleted_at=None,
        erase_at=None,
        title=None,
        favorite=False,
        error_code=None,
        error_message=None,
        resume_count=0,
        dispatch_no=0,
        submit_failures=0,
        ticket=None,
        moderation=None,
        tries=None,
        reviewed=0,
    )


def find(conn: sa.Connection, job_id: UUID) -> Job | None:
    """Find a job of any account; None when it is unknown or deleted."""
    row = conn.execute(_FIND, {"job": job_id}).one_or_none()
    return job_of(row) if row else None


def find_own(conn: sa.Connection, account_id: UUID, job_id: UUID) -> Job | None:
    """Find a job of this account; None when it is unknown, deleted or another account's."""
    row = _FIND_OWN.first(conn, job=job_id, account=account_id)
    return job_of(row) if row else None


def find_many(conn: sa.Connection, job_ids: Sequence[UUID]) -> list[Job]:
    """Find jobs of any account, in no defined order; unknown and deleted ones are left out."""
    query = jobs.select().where(jobs.c.id.in_(job_ids), jobs.c.deleted_at.is_(None))
    return [job_of(row) for row in conn.execute(query)]


def page(
    conn: sa.Connection,
    account_id: UUID,
    *,
    kind: MediaKind,
    limit: int,
    after: UUID | None,
    ascending: bool,
) -> Page[Job]:
    """Return a page of an account's jobs after the id ``after``, oldest or newest first."""
    edge = after or (_BEFORE_ALL if ascending else _AFTER_ALL)
    rows = _PAGES[ascending].all(
        conn, account=account_id, kind_name=kind.value, edge=edge, most=limit + 1
    )
    page = Page.first_of(rows, limit)
    return page.of([job_of(row) for row in page.items])


def transition(
    conn: sa.Connection,
    job_id: UUID,
    target: JobState,
    where: sa.ColumnElement[bool] | None = None,
    **values: Any,
) -> Job | None:
    """Move a job to a state and return it; None when its current state has no such transition.

    ``where`` is a further condition on the row; ``values`` are columns to set with the state.
    """
    sources = [state.value for state in states_before(target)]
    statement = jobs.update().where(jobs.c.id == job_id, jobs.c.state.in_(sources))
    if where is not None:
        statement = statement.where(where)
    moved = statement.values(state=target.value, **values).returning(*jobs.c)
    row = conn.execute(moved).one_or_none()
    return job_of(row) if row else None


def begin(
    conn: sa.Connection, job_id: UUID, dispatch_no: int, now: datetime, deadline: datetime
) -> bool:
    """Start a job that is queued with this dispatch number; False when it is not."""
    here = jobs.c.dispatch_no == dispatch_no
    times = {"started_at": now, "deadline_at": deadline, "expected_end_at": None}
    return transition(conn, job_id, JobState.RUNNING, here, **times) is not None


def fail(
    conn: sa.Connection,
    job_id: UUID,
    target: JobState,
    error: JobError,
    now: datetime,
    expected: Job | None = None,
) -> Job | None:
    """Move a job to failed or canceled and set its charge to 0; None when it had ended before.

    With ``expected``, the job as the caller read it, also None when it was resumed or requeued
    since then.
    """
    return transition(
        conn,
        job_id,
        target,
        None if expected is None else unchanged_since(expected),
        ended_at=now,
        charged=0,
        error_code=error.code,
        error_message=error.message,
    )


def uncount(conn: sa.Connection, job_id: UUID) -> None:
    """Record that no day of a route counts a job any more."""
    conn.execute(
        jobs.update().where(jobs.c.id == job_id).values(counted_model=None, counted_day=None)
    )


def resume(
    conn: sa.Connection, job_id: UUID, dispatch_no: int, deadline: datetime, most: int
) -> bool:
    """Count a resume of a running job with this dispatch number, and set its new deadline.

    False when it was resumed more than ``most`` times; True also for a job that is not running with
    this dispatch number, which is unchanged.
    """
    running = (jobs.c.id == job_id) & (jobs.c.state == JobState.RUNNING.value)
    resume_count = conn.scalar(
        jobs.update()
        .where(running, jobs.c.dispatch_no == dispatch_no)
        .values(deadline_at=deadline, resume_count=jobs.c.resume_count + 1)
        .returning(jobs.c.resume_count)
    )
    return resume_count is None or resume_count <= most


def set_deadline(conn: sa.Connection, job: Job, deadline: datetime) -> None:
    """Set the deadline of a running job; unchanged if it was resumed or requeued meanwhile."""
    running = (jobs.c.id == job.id) & (jobs.c.state == JobState.RUNNING.value)
    conn.execute(jobs.update().where(running, unchanged_since(job)).values(deadline_at=deadline))


def unchanged_since(job: Job) -> sa.ColumnElement[bool]:
    """Match a job that no worker has moved or resumed since it was read."""
    return (jobs.c.dispatch_no == job.dispatch_no) & (jobs.c.resume_count == job.resume_count)


def raise_progress(
    conn: sa.Connection, progress: Mapping[UUID, ProgressReport], now: datetime
) -> None:
    """Raise the progress of running jobs, of which a lower one changes nothing; set their end."""
    conn.execute(
        _PROGRESS,
        [
            {"job": job, "percent": one.percent, "ends_at": _ends_at(one, now)}
            for job, one in progress.items()
        ],
    )


def _ends_at(progress: ProgressReport, now: datetime) -> datetime | None:
    left = progress.remaining_seconds
    return None if left is None else now + timedelta(seconds=min(left, _MOST_SECONDS))


def running_among(conn: sa.Connection, job_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return the jobs among ``job_ids`` that are running."""
    found: set[UUID] = set()
    for start in range(0, len(job_ids), BATCH_SIZE):
        some = job_ids[start : start + BATCH_SIZE]
        query = sa.select(jobs.c.id).where(
            jobs.c.id.in_(some), jobs.c.state == JobState.RUNNING.value
        )
        found.update(conn.scalars(query))
    return frozenset(found)


def mark_deleted(conn: sa.Connection, job_id: UUID, now: datetime) -> None:
    """Mark a job as deleted and erase its texts and log; the row stays for ledger and usage."""
    erased = {"prompt": "", "title": None, "expires_at": None, "erase_at": None}
    conn.execute(jobs.update().where(jobs.c.id == job_id).values(deleted_at=now, **erased))
    conn.execute(job_logs.delete().where(job_logs.c.job_id == job_id))


def overdue(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return up to ``limit`` unfinished jobs with a deadline before ``now``."""
    query = sa.select(jobs.c.id).where(UNFINISHED, jobs.c.deadline_at < now).limit(limit)
    return list(conn.scalars(query))


def job_of(row: Any) -> Job:
    """Return the job of a row that has all columns of the table."""
    return Job(
        id=row.id,
        account_id=row.account_id,
        key_id=row.key_id,
        kind=MediaKind(row.kind),
        action=JobAction(row.action),
        parent_id=row.parent_id,
        state=JobState(row.state),
        model=row.model,
        engine=row.engine,
        prompt=row.prompt,
        plan=RenderPlan(
            width=row.width,
            height=row.height,
            fps=row.fps,
            frames=row.frames,
            seed=row.seed,
            outputs=row.outputs,
            watermark=row.watermark,
        ),
        options=load_options(row.options),
        progress=row.progress,
        price=row.price,
        error=JobError(row.error_code, row.error_message) if row.error_code else None,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        deadline_at=row.deadline_at,
        expected_end_at=row.expected_end_at,
        expires_at=row.expires_at,
        priority=Priority(row.priority),
        queue_rank=row.queue_rank,
        dispatch_no=row.dispatch_no,
        resume_count=row.resume_count,
        submit_failures=row.submit_failures,
        charged=row.charged,
        title=row.title,
        favorite=row.favorite,
        upstream=row.upstream,
        route_price=row.route_price,
        upstream_cost=row.upstream_cost,
        origin=None if row.origin is None else DigitalSourceType(row.origin),
        counted_in=_counted_in(row),
    )


def _counted_in(row: Any) -> RouteDay | None:
    if row.counted_model is None:
        return None
    return RouteDay(row.engine, row.counted_model, row.counted_day)


def save_ticket(
    conn: sa.Connection, job_id: UUID, dispatch_no: int, ticket: Mapping[str, Any]
) -> bool:
    """Store a job's ticket; False when it has this one, or its dispatch number has changed."""
    text = json.dumps(dict(ticket))
    is_new = jobs.c.ticket.is_(None) | (jobs.c.ticket != text)
    here = (jobs.c.id == job_id) & (jobs.c.dispatch_no == dispatch_no)
    return conn.execute(jobs.update().where(here, is_new).values(ticket=text)).rowcount == 1


def has_ticket(conn: sa.Connection, job_id: UUID) -> bool:
    """Return whether an engine has accepted a job."""
    query = sa.select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.ticket.is_not(None))
    return conn.scalar(query) is not None


def parent_ticket(conn: sa.Connection, job: Job) -> dict[str, Any] | None:
    """Return the ticket of a job's parent; None when another engine rendered the parent.

    None also for a parent with several outputs: a ticket names the job, not one of its outputs.
    """
    if job.parent_id is None:
        return None
    query = sa.select(jobs.c.ticket).where(
        jobs.c.id == job.parent_id, jobs.c.engine == job.engine, jobs.c.outputs == 1
    )
    text = conn.scalar(query)
    found: dict[str, Any] = json.loads(text) if text else {}
    return found or None


def engine_of_stopped(conn: sa.Connection, job_id: UUID) -> str | None:
    """Return the engine of a job that failed or was canceled, also of a deleted one; else None."""
    query = sa.select(jobs.c.engine).where(jobs.c.id == job_id, jobs.c.state.in_(_STOPPED))
    return conn.scalar(query)
