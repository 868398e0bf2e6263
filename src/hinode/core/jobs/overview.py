"""What an account sees of itself: its videos with their files, its credits, its usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, repository
from hinode.core.jobs.accounting import CreditSummary, Period, UsageRow
from hinode.core.jobs.search import JobQuery, OutputFile, search, videos_of
from hinode.core.jobs.types import Job
from hinode.kit.clock import Clock
from hinode.media.types import MediaKind

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class VideoFiles:
    """A video job, and the files that it has still."""

    job: Job
    files: tuple[OutputFile, ...]


@dataclass(frozen=True, slots=True)
class VideoFilesPage:
    """A page of a list of videos."""

    videos: list[VideoFiles]
    has_more: bool


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """What callers may look at; nothing here changes anything."""

    db: Database
    clock: Clock

    def video(self, caller: Caller, job_id: UUID) -> VideoFiles:
        """Return a video job. Raises :class:`HinodeError` when this account has none such."""
        with self.db.read() as conn:
            job = repository.find_own(conn, caller.account_id, job_id)
            if job is None or job.kind is not MediaKind.VIDEO:
                raise HinodeError(
                    ErrorCode.JOB_NOT_FOUND, "There is no such video in this account.", param="id"
                )
            return self._with_files(conn, [job])[0]

    def videos(self, caller: Caller, wanted: JobQuery) -> VideoFilesPage:
        """Return a page of the account's videos, newest first."""
        with self.db.read() as conn:
            page = search(conn, caller.account_id, wanted)
            return VideoFilesPage(self._with_files(conn, page.jobs), page.has_more)

    def credits(self, caller: Caller) -> CreditSummary:
        """Return what the account has, holds and has spent."""
        with self.db.read() as conn:
            return accounting.credit_summary(conn, caller.account_id)

    def usage(self, caller: Caller, period: Period) -> list[UsageRow]:
        """Return what the account made, by day, model and key."""
        with self.db.read() as conn:
            return accounting.usage(conn, caller.account_id, period)

    def _with_files(self, conn: sa.Connection, found: list[Job]) -> list[VideoFiles]:
        files = videos_of(conn, [one.id for one in found])
        return [VideoFiles(one, tuple(files[one.id])) for one in found]
