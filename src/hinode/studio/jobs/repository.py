"""Reading and writing job rows; every move between states is a compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.media.kinds import JobAction, MediaKind
from hinode.studio.catalog.types import RenderPlan
from hinode.studio.jobs.options import dump_options, load_options
from hinode.studio.jobs.tables import jobs
from hinode.studio.jobs.types import Job, JobError, JobPage, JobState, sources_of

_INSERT = jobs.insert()
_FIND = jobs.select().where(jobs.c.id == sa.bindparam("job"), jobs.c.deleted_at.is_(None))
_FIND_OWN = _FIND.where(jobs.c.account_id == sa.bindparam("account"))
_AHEAD = sa.select(sa.func.count()).where(
    jobs.c.state == sa.literal_column("'queued'"),
    jobs.c.engine == sa.bindparam("engine_name"),
    jobs.c.id < sa.bindparam("job"),
)
_PROGRESS = (
    jobs.update()
    .where(jobs.c.id == sa.bindparam("job"), jobs.c.state == JobState.RUNNING.value)
    .values(
        progress=sa.case(
            (jobs.c.progress < sa.bindparam("percent"), sa.bindparam("percent")),
            else_=jobs.c.progress,
        )
    )
)


def insert(conn: sa.Connection, job: Job) -> None:
    """Add a job."""
    plan = job.plan
    conn.execute(
        _INSERT,
        {
            "id": job.id,
            "account_id": job.account_id,
            "key_id": job.key_id,
            "kind": job.kind.value,
            "action": job.action.value,
            "parent_id": job.parent_id,
            "state": job.state.value,
            "model": job.model,
            "engine": job.engine,
            "prompt": job.prompt,
            "width": plan.width,
            "height": plan.height,
            "fps": plan.fps,
            "frames": plan.frames,
            "seed": plan.seed,
            "outputs": plan.outputs,
            "watermark": plan.watermark,
            "options": dump_options(job.options),
            "progress": job.progress,
            "price": job.price,
            "created_at": job.created_at,
            "deadline_at": job.deadline_at,
        },
    )


def find(conn: sa.Connection, job_id: UUID) -> Job | None:
    """Find a job of any account."""
    row = conn.execute(_FIND, {"job": job_id}).one_or_none()
    return _job(row) if row else None


def find_own(conn: sa.Connection, account_id: UUID, job_id: UUID) -> Job | None:
    """Find a job of this account only."""
    row = conn.execute(_FIND_OWN, {"job": job_id, "account": account_id}).one_or_none()
    return _job(row) if row else None


def find_many(conn: sa.Connection, job_ids: Sequence[UUID]) -> list[Job]:
    """Find jobs of any account, in no order."""
    query = jobs.select().where(jobs.c.id.in_(job_ids), jobs.c.deleted_at.is_(None))
    return [_job(row) for row in conn.execute(query)]


def page(
    conn: sa.Connection,
    account_id: UUID,
    *,
    kind: MediaKind,
    limit: int,
    after: UUID | None,
    ascending: bool,
) -> JobPage:
    """Return up to ``limit`` jobs of an account, oldest or newest first, after an id."""
    query = jobs.select().where(
        jobs.c.account_id == account_id, jobs.c.kind == kind.value, jobs.c.deleted_at.is_(None)
    )
    if after is not None:
        query = query.where(jobs.c.id > after if ascending else jobs.c.id < after)
    order = jobs.c.id.asc() if ascending else jobs.c.id.desc()
    rows = conn.execute(query.order_by(order).limit(limit + 1)).all()
    return JobPage([_job(row) for row in rows[:limit]], has_more=len(rows) > limit)


def queued_before(conn: sa.Connection, job: Job) -> int:
    """Count the queued jobs of the same engine that came earlier."""
    return conn.execute(_AHEAD, {"engine_name": job.engine, "job": job.id}).scalar_one()


def move(conn: sa.Connection, job_id: UUID, target: JobState, **values: Any) -> bool:
    """Move a job to a state if that is legal from where it is; False when it is not."""
    sources = [state.value for state in sources_of(target)]
    result = conn.execute(
        jobs.update()
        .where(jobs.c.id == job_id, jobs.c.state.in_(sources))
        .values(state=target.value, **values)
    )
    return result.rowcount == 1


def fail(
    conn: sa.Connection, job_id: UUID, target: JobState, error: JobError, now: datetime
) -> bool:
    """Move a job to failed or canceled with its reason; False when it had ended before."""
    return move(
        conn, job_id, target, ended_at=now, error_code=error.code, error_message=error.message
    )


def renew_deadline(conn: sa.Connection, job_id: UUID, deadline: datetime) -> None:
    """Set the deadline of a running job anew."""
    conn.execute(
        jobs.update()
        .where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
        .values(deadline_at=deadline)
    )


def raise_progress(conn: sa.Connection, job_id: UUID, percent: int) -> bool:
    """Raise the progress, never lower it; False when the job is not running any more."""
    return conn.execute(_PROGRESS, {"job": job_id, "percent": percent}).rowcount == 1


def is_running(conn: sa.Connection, job_id: UUID) -> bool:
    """Say whether a job is in the state running."""
    query = sa.select(jobs.c.state).where(jobs.c.id == job_id)
    return conn.scalar(query) == JobState.RUNNING.value


def mark_deleted(conn: sa.Connection, job_id: UUID, now: datetime) -> None:
    """Hide a job for good and forget its prompt; the row stays for the ledger's sake."""
    conn.execute(
        jobs.update().where(jobs.c.id == job_id).values(deleted_at=now, prompt="", expires_at=None)
    )


def late(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return unfinished jobs whose deadline has passed."""
    unfinished = jobs.c.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
    query = sa.select(jobs.c.id).where(unfinished, jobs.c.deadline_at < now).limit(limit)
    return list(conn.scalars(query))


def expired(conn: sa.Connection, now: datetime, limit: int) -> list[UUID]:
    """Return jobs whose files are due to go."""
    return list(conn.scalars(sa.select(jobs.c.id).where(jobs.c.expires_at < now).limit(limit)))


def forget_expiry(conn: sa.Connection, job_ids: Sequence[UUID]) -> None:
    """Note that the files of these jobs are gone."""
    conn.execute(jobs.update().where(jobs.c.id.in_(job_ids)).values(expires_at=None))


def unfinished_count(conn: sa.Connection) -> dict[JobState, int]:
    """Count queued and running jobs."""
    states = [JobState.QUEUED.value, JobState.RUNNING.value]
    query = (
        sa.select(jobs.c.state, sa.func.count())
        .where(jobs.c.state.in_(states))
        .group_by(jobs.c.state)
    )
    return {JobState(state): count for state, count in conn.execute(query).tuples()}


def _job(row: sa.Row[tuple[object, ...]]) -> Job:
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
        expires_at=row.expires_at,
    )
