"""Drafts and tasks of an account, each page in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.auth.types import Caller
from hinode.core.drafts import repository
from hinode.core.drafts.repository import EndedJob
from hinode.core.drafts.types import Draft, DraftOwner, DraftPage, OutputPosition, Task
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import Page
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database

MAX_PENDING = 500
"""Length of the list of unfinished jobs, as many as an account may have by default."""


@dataclass(frozen=True, slots=True)
class DraftService:
    """Drafts and tasks of callers; all methods raise :class:`HinodeError`.

    A job leaves :meth:`pending` and appears in :meth:`page` with its files in one transaction, so a
    client that polls both sees it in one of them.
    """

    db: Database
    clock: Clock

    def pending(self, caller: Caller) -> list[Task]:
        """Return the account's video jobs that have not ended, of any dialect, newest first.

        At most ``MAX_PENDING``: the list has no pages.
        """
        with self.db.read() as conn:
            found = repository.unfinished(conn, caller.account_id, MAX_PENDING)
            if not found:
                return []
            owner = repository.owner(conn, caller.account_id)
            return [Task(one.job, owner, one.ahead) for one in found]

    def page(self, caller: Caller, limit: int, after: OutputPosition | None) -> DraftPage:
        """Return up to ``limit`` drafts of the account after a cursor, latest end first."""
        with self.db.read() as conn:
            since = None if after is None else _cursor(conn, caller.account_id, after)
            # One job more for the next cursor, and one for that of the cursor: the previous page
            # may have ended between two outputs of one job.
            found = repository.ended(conn, caller.account_id, limit + 2, since)
            owner = repository.owner(conn, caller.account_id)
            drafts = _drafts(conn, found, [owner], self.clock.now())
        if after is not None:
            drafts = [one for one in drafts if _follows(one.place, after)]
        shown = drafts[:limit]
        return DraftPage(shown, shown[-1].place if len(drafts) > limit else None)

    def get(self, caller: Caller, place: OutputPosition) -> Draft:
        """Return a draft of the caller's account."""
        with self.db.read() as conn:
            return self._own(conn, caller, place)

    def mark_reviewed(self, caller: Caller, place: OutputPosition) -> Draft:
        """Mark a draft as opened by its owner, and return it."""
        with self.db.write() as conn:
            self._own(conn, caller, place)
            repository.mark_reviewed(conn, [place])
            return self._own(conn, caller, place)

    def tasks(
        self, caller: Caller, limit: int, before: UUID | None, *, videos: bool = True
    ) -> Page[Task]:
        """Return up to ``limit`` tasks of the account created before a job, newest first.

        Without ``videos`` only image tasks.
        """
        with self.db.read() as conn:
            found = repository.recent(conn, caller.account_id, limit + 1, before, videos=videos)
            owner, page = repository.owner(conn, caller.account_id), Page.first_of(found, limit)
            completed = [
                EndedJob(one.job, one.reviewed)
                for one in page.items
                if one.job.state is JobState.COMPLETED
            ]
            made: dict[UUID, list[Draft]] = defaultdict(list)
            for draft in _drafts(conn, completed, [owner], self.clock.now()):
                if draft.shown is not None:
                    made[draft.job.id].append(draft)
        return page.of(
            [Task(one.job, owner, one.ahead, tuple(made[one.job.id])) for one in page.items]
        )

    def _own(self, conn: sa.Connection, caller: Caller, place: OutputPosition) -> Draft:
        for draft in drafts_at(conn, [place], self.clock.now()):
            if draft.owner.account_id == caller.account_id:
                return draft
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND,
            "There is no such draft in this account.",
            param="generation_id",
        )


def _cursor(conn: sa.Connection, account_id: UUID, after: OutputPosition) -> tuple[datetime, UUID]:
    moment = repository.ended_at(conn, account_id, after.job_id)
    if moment is None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "'cursor' is not a cursor of this list.",
            param="cursor",
            hint="Send the 'cursor' of the previous page.",
        )
    return moment, after.job_id


def _follows(place: OutputPosition, after: OutputPosition) -> bool:
    return place.job_id != after.job_id or place.output > after.output


def drafts_at(
    conn: sa.Connection, places: Collection[OutputPosition], now: datetime
) -> list[Draft]:
    """Return the drafts of outputs of any account, in the order of ``places``.

    Outputs of unknown, deleted or unfinished jobs are left out.
    """
    if not places:
        return []
    found = repository.ended_among(conn, {place.job_id for place in places})
    owners = repository.owners(conn, {one.job.account_id for one in found})
    by_place = {draft.place: draft for draft in _drafts(conn, found, owners, now)}
    return [by_place[place] for place in places if place in by_place]


def _drafts(
    conn: sa.Connection, found: Sequence[EndedJob], owners: Iterable[DraftOwner], now: datetime
) -> list[Draft]:
    """Return a draft for each output of the jobs, in the order of the jobs."""
    kept = [one.job.id for one in found if _has_files(one.job, now)]
    files = assets.of_jobs(conn, kept) if kept else {}
    by_account = {owner.account_id: owner for owner in owners}
    return [
        Draft(
            one.job,
            output,
            by_account[one.job.account_id],
            tuple(file for file in files.get(one.job.id, ()) if file.output == output),
            reviewed=bool(one.reviewed >> output & 1),
        )
        for one in found
        for output in range(_outputs(one.job))
    ]


def _outputs(job: Job) -> int:
    """Return the number of drafts of a job; a failed one has one draft, which shows the error."""
    return job.plan.outputs if job.state is JobState.COMPLETED else 1


def _has_files(job: Job, now: datetime) -> bool:
    """Return whether a job has completed and its files have not expired."""
    due = job.expires_at is not None and job.expires_at <= now
    return job.state is JobState.COMPLETED and not due
