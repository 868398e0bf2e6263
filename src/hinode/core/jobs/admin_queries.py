"""Queries on the jobs of all accounts, for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.job_lists import JobQuery, listed
from hinode.core.jobs.repository import find_many
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState
from hinode.core.list_walk import Conditions, page_of
from hinode.core.pagination import Page, PageQuery
from hinode.db.list_order import newest_first, newest_of
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The account, states, model, engine and time of creation of jobs; None and empty: any."""

    account_id: UUID | None = None
    states: Sequence[JobState] = ()
    model: str | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matching(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that no index serves: rows are read for them one by one."""
        is_narrowed = self.account_id is not None or self.model is not None
        return [jobs.c.engine == self.engine] if self.engine is not None and is_narrowed else []

    def rows(
        self, after: UUID | None, most: int, conditions: Conditions, oldest: UUID | None
    ) -> sa.Select[UUID]:
        """Return the query for ids of the shortest list that has an index, newest first.

        They come after ``after``, and ``oldest`` is the last; None: any.
        """
        wanted = JobQuery(
            most - 1,
            after,
            self.states,
            self.model,
            self.since,
            self.until,
            conditions,
            oldest=oldest,
        )
        if self.account_id is not None:
            return listed(self.account_id, MediaKind, wanted)
        return self._of_all_accounts(wanted)

    def _of_all_accounts(self, wanted: JobQuery) -> sa.Select[UUID]:
        most, by_state = wanted.limit + 1, newest_first(jobs.c.state)
        query = wanted.bounded(sa.select(jobs.c.id)).limit(most)
        if self.model is not None:
            query = query.where(jobs.c.model == self.model)
        elif self.engine is not None:
            query = query.where(jobs.c.engine == self.engine)
        elif self.states:
            by_state = jobs.c.state.desc()  # another order, so another index
        else:
            return query.order_by(jobs.c.id.desc())
        query = query.order_by(by_state, newest_first(jobs.c.id))
        return newest_of([query.where(one) for one in wanted.in_states()], most)


def page(conn: sa.Connection, chosen: JobFilter, wanted: PageQuery) -> Page[Job]:
    """Return a page of jobs, newest first; deleted ones are left out.

    It can be short before the last one if the engine is wanted with an account or a model: jobs
    are read one by one for it.
    """
    rows = partial(chosen.rows, wanted.after)
    found = page_of(conn, rows, wanted.limit, chosen.matching())
    items = sorted(find_many(conn, found.ids), key=lambda job: job.id, reverse=True)
    return Page.ending_at(items, found.next_after)
