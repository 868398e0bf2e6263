"""Starting from a video that is there: an own one, or one that somebody published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository
from hinode.core.jobs.requests import JobSource
from hinode.core.jobs.types import Job
from hinode.core.posts import service as posts
from hinode.media.types import JobAction

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class RemixSource:
    """A video to start from, and the job that made it."""

    source: JobSource
    job: Job


@dataclass(frozen=True, slots=True)
class RemixSources:
    """Finds videos to start from. All methods raise :class:`HinodeError`."""

    db: Database

    def of_job(self, caller: Caller, action: JobAction, job_id: UUID, output: int) -> RemixSource:
        """Return an output of an own job, finished or not."""
        with self.db.read() as conn:
            job = repository.find_own(conn, caller.account_id, job_id)
        if job is None:
            raise HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
        return RemixSource(JobSource(action, job.id, output), job)

    def of_post(self, caller: Caller, post_id: UUID) -> RemixSource:
        """Return what a post shows; everybody may remix it."""
        with self.db.read() as conn:
            post = posts.find(conn, post_id)
            job = repository.find(conn, post.job_id)
        if job is None:
            raise posts.unknown()
        owner = None if post.account_id == caller.account_id else post.account_id
        return RemixSource(JobSource(JobAction.REMIX, job.id, post.output, owner, post.id), job)

    def count(self, parent: RemixSource) -> None:
        """Count a video that was made from a post."""
        if parent.source.post is not None:
            with self.db.write() as conn:
                posts.remixed(conn, parent.source.post)
