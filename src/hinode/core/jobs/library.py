"""The library of an account: all of its jobs, searched, named, deleted and restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import callback_credentials, repository
from hinode.core.jobs.forecast import Forecast
from hinode.core.jobs.job_lists import JobQuery, listed
from hinode.core.jobs.planning import own_job
from hinode.core.jobs.service import JobService
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobDetail, JobState
from hinode.core.list_walk import Conditions, page_of
from hinode.core.pagination import Page
from hinode.core.text_checks import check_storable
from hinode.db.text_case import in_lower_case
from hinode.media.types import MediaKind

UNDO_WINDOW = timedelta(minutes=5)
"""Time in which deleted jobs can be restored."""

ERASED_AT_ONCE = 100
"""Deleted jobs that are erased in one transaction."""


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """The jobs to find; None and empty match all.

    ``text`` is looked for in prompts and titles, in any case. ``since`` and ``until`` are bounds of
    the time of creation.
    """

    limit: int
    after: UUID | None = None
    states: Sequence[JobState] = ()
    kind: MediaKind | None = None
    model: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    favorite: bool | None = None


@dataclass(frozen=True, slots=True)
class LibraryJob:
    """A job with its stored files: those it renders from and those it rendered."""

    detail: JobDetail
    files: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class JobLabels:
    """Labels of a job to change; None leaves one unchanged, an empty title removes it."""

    title: str | None = None
    favorite: bool | None = None


@dataclass(frozen=True, slots=True)
class JobLibrary:
    """The jobs of callers' accounts; all methods raise :class:`HinodeError`."""

    jobs: JobService

    def search(self, caller: Caller, wanted: LibrarySearch) -> Page[LibraryJob]:
        """Return a page of the account's jobs, newest first.

        A search for a text or for what is no favourite reads a number of jobs at most, so its page
        can be short before the last.
        """
        for text, param in ((wanted.text, "q"), (wanted.model, "model")):
            check_storable(text or "", param)
        kinds = MediaKind if wanted.kind is None else (wanted.kind,)

        def rows(most: int, conditions: Conditions, oldest: UUID | None) -> sa.Select[UUID]:
            query = JobQuery(
                most - 1,
                wanted.after,
                wanted.states,
                wanted.model,
                wanted.since,
                wanted.until,
                conditions,
                favorites=wanted.favorite is True,
                oldest=oldest,
            )
            return listed(caller.account_id, kinds, query)

        with self.jobs.db.read() as conn:
            page = page_of(conn, rows, wanted.limit, _matching(wanted))
            found = repository.find_many(conn, page.ids)
            ordered = sorted(found, key=lambda job: job.id, reverse=True)
            shown = with_files(conn, ordered, self.jobs.clock.now())
            return Page.ending_at(shown, page.next_after)

    def view(self, caller: Caller, job_id: UUID) -> LibraryJob:
        """Return a job of the account."""
        with self.jobs.db.read() as conn:
            job = own_job(conn, caller.account_id, job_id)
            return with_files(conn, [job], self.jobs.clock.now())[0]

    def label(self, caller: Caller, job_id: UUID, wanted: JobLabels) -> LibraryJob:
        """Change the title of a job, or if it is a favourite."""
        values: dict[str, Any] = {}
        if wanted.title is not None:
            check_storable(wanted.title, "title")
            values["title"] = wanted.title.strip() or None
        if wanted.favorite is not None:
            values["favorite"] = wanted.favorite
        with self.jobs.db.write() as conn:
            own_job(conn, caller.account_id, job_id)
            if values:
                conn.execute(jobs.update().where(jobs.c.id == job_id).values(**values))
        return self.view(caller, job_id)

    def delete(self, caller: Caller, job_ids: Sequence[UUID]) -> datetime:
        """Delete jobs of the account; return until when they can be restored.

        Unfinished ones are canceled first, which stays. All or none: an unknown id is an error.
        """
        now = self.jobs.clock.now()
        until = now + UNDO_WINDOW
        with self.jobs.db.write() as conn:
            for job_id in sorted(set(job_ids)):
                own_job(conn, caller.account_id, job_id)
                self.jobs.lifecycle.cancel(conn, job_id, notify=False)
            chosen = jobs.c.id.in_(job_ids)
            conn.execute(jobs.update().where(chosen).values(deleted_at=now, erase_at=until))
        return until

    def restore(self, caller: Caller, job_ids: Sequence[UUID]) -> list[LibraryJob]:
        """Restore deleted jobs of the account whose time has not run out. All or none."""
        wanted, now = set(job_ids), self.jobs.clock.now()
        mine = (jobs.c.account_id == caller.account_id) & jobs.c.id.in_(wanted)
        with self.jobs.db.write() as conn:
            restored = conn.execute(
                jobs.update()
                .where(mine, jobs.c.erase_at > now)
                .values(deleted_at=None, erase_at=None)
            ).rowcount
            if restored != len(wanted):
                raise HinodeError(
                    ErrorCode.JOB_NOT_FOUND,
                    "One of these jobs is not deleted, or its time to be restored is over.",
                    param="ids",
                )
            found = repository.find_many(conn, list(wanted))
            ordered = sorted(found, key=lambda job: job.id, reverse=True)
            return with_files(conn, ordered, now)

    def erase_deleted(self) -> int:
        """Erase some deleted jobs whose time to be restored is over; return their number."""
        now = self.jobs.clock.now()
        due = sa.select(jobs.c.id).where(jobs.c.erase_at <= now).limit(ERASED_AT_ONCE)
        with self.jobs.db.write() as conn:
            ids = list(conn.scalars(due.with_for_update(skip_locked=True)))
            for job_id in ids:
                repository.mark_deleted(conn, job_id, now)
                callback_credentials.delete(conn, job_id)
            keys = assets.delete_of_jobs(conn, ids)
        self.jobs.store.delete(keys)
        return len(ids)


def with_files(conn: sa.Connection, found: Sequence[Job], now: datetime) -> list[LibraryJob]:
    """Return jobs with their stored files, their places in the queue and the time left."""
    files, details = (
        assets.of_jobs(conn, [job.id for job in found]),
        Forecast(conn, now).details(found),
    )
    return [LibraryJob(one, tuple(files[one.job.id])) for one in details]


def _matching(wanted: LibrarySearch) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.text:
        # A PostgreSQL of the locale "C" folds ASCII only: others are looked for as typed, too.
        texts = sorted({wanted.text.lower(), wanted.text})
        found.append(sa.or_(*(_has(one) for one in texts)))
    if wanted.favorite is False:
        found.append(jobs.c.favorite.is_(False))
    return found


def _has(text: str) -> sa.ColumnElement[bool]:
    prompt, title = in_lower_case(jobs.c.prompt), in_lower_case(jobs.c.title)
    return prompt.contains(text, autoescape=True) | title.contains(text, autoescape=True)
