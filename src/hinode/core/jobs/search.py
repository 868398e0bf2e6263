"""Finding an account's jobs by what they are, newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets.tables import assets
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobPage, JobState
from hinode.media.types import ArtifactRole, MediaKind


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which video jobs are wanted; empty and None are all. ``after`` is where a page ended."""

    limit: int
    after: UUID | None = None
    states: Collection[JobState] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True)
class OutputFile:
    """The video of an output, and under which key the object store has it."""

    output: int
    key: str


def search(conn: sa.Connection, account_id: UUID, wanted: JobQuery) -> JobPage:
    """Return a page of the video jobs of an account."""
    query = sa.select(jobs.c.id).where(
        jobs.c.account_id == account_id,
        jobs.c.kind == MediaKind.VIDEO.value,
        jobs.c.deleted_at.is_(None),
    )
    if wanted.after is not None:
        query = query.where(jobs.c.id < wanted.after)
    if wanted.states:
        query = query.where(jobs.c.state.in_([state.value for state in wanted.states]))
    if wanted.model is not None:
        query = query.where(jobs.c.model == wanted.model)
    query = query.order_by(jobs.c.id.desc()).limit(wanted.limit + 1)
    ids = list(conn.scalars(query))
    found = sorted(find_many(conn, ids[: wanted.limit]), key=lambda job: job.id, reverse=True)
    return JobPage(found, has_more=len(ids) > wanted.limit)


def videos_of(conn: sa.Connection, job_ids: Sequence[UUID]) -> Mapping[UUID, list[OutputFile]]:
    """Return the videos that these jobs have still, in the order of their outputs."""
    query = (
        sa.select(assets.c.job_id, assets.c.output, assets.c.key)
        .where(assets.c.job_id.in_(job_ids), assets.c.role == ArtifactRole.VIDEO.value)
        .order_by(assets.c.output)
    )
    found: dict[UUID, list[OutputFile]] = {job_id: [] for job_id in job_ids}
    for job_id, output, key in conn.execute(query):
        found[job_id].append(OutputFile(output, key))
    return found
