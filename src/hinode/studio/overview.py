"""What an account sees of itself: its videos with their files, its credits, its usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.media.kinds import MediaKind
from hinode.studio.access.types import Caller
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs import accounting, repository
from hinode.studio.jobs.accounting import Period, Standing, Usage
from hinode.studio.jobs.search import JobQuery, OutputFile, search, videos_of
from hinode.studio.jobs.types import Job

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
class Overview:
    """What callers may look at; nothing here changes anything."""

    db: Database
    clock: Clock

    def video(self, caller: Caller, job_id: UUID) -> VideoFiles:
        """Return a video job. Raises :class:`StudioError` when this account has none such."""
        with self.db.read() as conn:
            job = repository.find_own(conn, caller.account_id, job_id)
            if job is None or job.kind is not MediaKind.VIDEO:
                raise StudioError(
                    ErrorCode.JOB_NOT_FOUND, "There is no such video in this account.", param="id"
                )
            return self._with_files(conn, [job])[0]

    def videos(self, caller: Caller, wanted: JobQuery) -> VideoFilesPage:
        """Return a page of the account's videos, newest first."""
        with self.db.read() as conn:
            page = search(conn, caller.account_id, wanted)
            return VideoFilesPage(self._with_files(conn, page.jobs), page.has_more)

    def credits(self, caller: Caller) -> Standing:
        """Return what the account has, holds and has spent."""
        with self.db.read() as conn:
            return accounting.standing(conn, caller.account_id)

    def usage(self, caller: Caller, period: Period) -> list[Usage]:
        """Return what the account made, by day, model and key."""
        with self.db.read() as conn:
            return accounting.usage(conn, caller.account_id, period)

    def _with_files(self, conn: sa.Connection, found: list[Job]) -> list[VideoFiles]:
        files = videos_of(conn, [one.id for one in found])
        return [VideoFiles(one, tuple(files[one.id])) for one in found]
