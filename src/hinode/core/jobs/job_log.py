"""The log lines that a job keeps for operators, of all workers that had it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import job_logs, jobs
from hinode.kit.captured_lines import MOST_LINES, CapturedLine


@dataclass(frozen=True, slots=True)
class JobLogLine:
    """A line of a worker's log about a job."""

    worker: str
    line: CapturedLine


def append(conn: sa.Connection, job_id: UUID, lines: Sequence[JobLogLine]) -> None:
    """Append lines to those of a job, of which the newest are kept; a deleted job gets none."""
    exists = sa.select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.deleted_at.is_(None))
    # The lock keeps two workers from writing the same first lines.
    if conn.scalar(exists.with_for_update()) is None:
        return
    mine = job_logs.c.job_id == job_id
    kept = conn.scalar(sa.select(job_logs.c.lines).where(mine))
    text = json.dumps([*json.loads(kept or "[]"), *map(_dump, lines)][-MOST_LINES:])
    if kept is None:
        conn.execute(job_logs.insert().values(job_id=job_id, lines=text))
    else:
        conn.execute(job_logs.update().where(mine).values(lines=text))


def of_job(conn: sa.Connection, job_id: UUID) -> list[JobLogLine]:
    """Return the lines of a job in the order in which they were written."""
    text = conn.scalar(sa.select(job_logs.c.lines).where(job_logs.c.job_id == job_id))
    return [_load(*one) for one in json.loads(text or "[]")]


def delete(conn: sa.Connection, job_ids: Sequence[UUID]) -> None:
    """Delete the lines of jobs."""
    conn.execute(job_logs.delete().where(job_logs.c.job_id.in_(job_ids)))


def _dump(one: JobLogLine) -> list[object]:
    line = one.line
    return [one.worker, line.at.timestamp(), line.level, line.event, dict(line.details)]


def _load(
    worker: str, at: float, level: str, event: str, details: dict[str, str | int | float | None]
) -> JobLogLine:
    return JobLogLine(worker, CapturedLine(datetime.fromtimestamp(at, UTC), level, event, details))
