"""Queries on the jobs of all accounts, for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.repository import job_of
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState

# Literals, not parameters: a partial index is used only if the query repeats its condition.
_UNFINISHED = sa.text("state IN ('queued', 'running')")
_UNSUCCESSFUL = sa.text("state IN ('failed', 'canceled')")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The account, state and model of jobs; None: any."""

    account_id: UUID | None = None
    state: JobState | None = None
    model: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool] | sa.TextClause]:
        """Return the conditions on the row."""
        found: list[sa.ColumnElement[bool] | sa.TextClause] = [jobs.c.deleted_at.is_(None)]
        if self.account_id is not None:
            found.append(jobs.c.account_id == self.account_id)
        if self.model is not None:
            found.append(jobs.c.model == self.model)
        if self.state is not None:
            found.append(jobs.c.state == self.state.value)
            if not self.state.ended:
                found.append(_UNFINISHED)
            elif self.state is not JobState.COMPLETED:
                found.append(_UNSUCCESSFUL)
        return found


def page(conn: sa.Connection, chosen: JobFilter, after: UUID | None, limit: int) -> list[Job]:
    """Return up to ``limit`` jobs older than ``after``, newest first; deleted ones are left out."""
    query = jobs.select().where(*chosen.conditions())
    if after is not None:
        query = query.where(jobs.c.id < after)
    return [job_of(row) for row in conn.execute(query.order_by(jobs.c.id.desc()).limit(limit))]
