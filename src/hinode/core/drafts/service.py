"""Puts drafts together: jobs, whose they are, and their files, in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.drafts import repository
from hinode.core.drafts.repository import Ended
from hinode.core.drafts.types import Draft, DraftPage, Owner, Place, Task, TaskPage
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job, JobState


def pending(conn: sa.Connection, account_id: UUID) -> list[Task]:
    """Return the account's video jobs that have not ended, newest first."""
    found = repository.unfinished(conn, account_id)
    if not found:
        return []
    owner = repository.owner(conn, account_id)
    return [Task(one.job, owner, one.ahead) for one in found]


def page(
    conn: sa.Connection, account_id: UUID, limit: int, after: Place | None, now: datetime
) -> DraftPage:
    """Return up to ``limit`` drafts of the account, the last to be finished first.

    Raises :class:`HinodeError` when ``after`` is no draft that the account has or had.
    """
    since = None
    if after is not None:
        moment = repository.ended_at(conn, account_id, after.job_id)
        if moment is None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "'cursor' is the 'cursor' of the page before.",
                param="cursor",
            )
        since = (moment, after.job_id)
    # One more than asked for, and the job that the page before has ended in.
    found = repository.ended(conn, account_id, limit + 2, since)
    drafts = _drafts(conn, found, [repository.owner(conn, account_id)], now)
    if after is not None:
        drafts = [one for one in drafts if _follows(one.place, after)]
    shown = drafts[:limit]
    return DraftPage(shown, shown[-1].place if len(drafts) > limit else None)


def _follows(place: Place, after: Place) -> bool:
    return place.job_id != after.job_id or place.output > after.output


def one(conn: sa.Connection, account_id: UUID, place: Place, now: datetime) -> Draft:
    """Return a draft of the account. Raises :class:`HinodeError` when it has none such."""
    for draft in of_places(conn, [place], now):
        if draft.owner.account_id == account_id:
            return draft
    raise HinodeError(
        ErrorCode.JOB_NOT_FOUND, "There is no such draft in this account.", param="generation_id"
    )


def of_places(conn: sa.Connection, places: Collection[Place], now: datetime) -> list[Draft]:
    """Return the drafts at these places, of whatever accounts; those that are gone are missing."""
    if not places:
        return []
    found = repository.ended_among(conn, {place.job_id for place in places})
    owners = repository.owners(conn, {one.job.account_id for one in found})
    by_place = {draft.place: draft for draft in _drafts(conn, found, owners, now)}
    return [by_place[place] for place in places if place in by_place]


def recent(
    conn: sa.Connection,
    account_id: UUID,
    limit: int,
    before: UUID | None,
    now: datetime,
    *,
    videos: bool,
) -> TaskPage:
    """Return up to ``limit`` pictures of the account, and videos if asked for, newest first."""
    found = repository.recent(conn, account_id, limit + 1, before, videos=videos)
    owner, shown = repository.owner(conn, account_id), found[:limit]
    made: dict[UUID, list[Draft]] = defaultdict(list)
    completed = [
        Ended(one.job, one.reviewed) for one in shown if one.job.state is JobState.COMPLETED
    ]
    for draft in _drafts(conn, completed, [owner], now):
        if draft.shown is not None:
            made[draft.job.id].append(draft)
    tasks = [Task(one.job, owner, one.ahead, tuple(made[one.job.id])) for one in shown]
    return TaskPage(tasks, has_more=len(found) > limit)


def _drafts(
    conn: sa.Connection, found: Sequence[Ended], owners: Iterable[Owner], now: datetime
) -> list[Draft]:
    """Return a draft for each output of these jobs, in their order."""
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
    """How many drafts a job has; one that made nothing has one, to say why."""
    return job.plan.outputs if job.state is JobState.COMPLETED else 1


def _has_files(job: Job, now: datetime) -> bool:
    """Whether a job's files are there, and are not due to go."""
    due = job.expires_at is not None and job.expires_at <= now
    return job.state is JobState.COMPLETED and not due
