"""Starting from a video that is there: an own one, or one that somebody published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.media.kinds import JobAction
from hinode.studio.access.types import Caller
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs import repository
from hinode.studio.jobs.requests import Start
from hinode.studio.jobs.types import Job
from hinode.studio.posts import service as posts

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class Parent:
    """A video to start from, and the job that made it."""

    start: Start
    job: Job


@dataclass(frozen=True, slots=True)
class Remixing:
    """Finds videos to start from. All methods raise :class:`StudioError`."""

    db: Database

    def of_job(self, caller: Caller, action: JobAction, job_id: UUID, output: int) -> Parent:
        """Return an output of an own job, finished or not."""
        with self.db.read() as conn:
            job = repository.find_own(conn, caller.account_id, job_id)
        if job is None:
            raise StudioError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
        return Parent(Start(action, job.id, output), job)

    def of_post(self, caller: Caller, post_id: UUID) -> Parent:
        """Return what a post shows; everybody may remix it."""
        with self.db.read() as conn:
            post = posts.find(conn, post_id)
            job = repository.find(conn, post.job_id)
        if job is None:
            raise posts.unknown()
        owner = None if post.account_id == caller.account_id else post.account_id
        return Parent(Start(JobAction.REMIX, job.id, post.output, owner, post.id), job)

    def count(self, parent: Parent) -> None:
        """Count a video that was made from a post."""
        if parent.start.post is not None:
            with self.db.write() as conn:
                posts.remixed(conn, parent.start.post)
