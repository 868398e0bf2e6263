"""What each video route asks of the studio: prove the caller, then one verb, in one go.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hinode.api.openai.queries import read_page, read_variant
from hinode.api.openai.video_requests import Creation
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import IdempotencyKey, VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.jobs.types import JobDetail, JobPage
from hinode.core.text_checks import check_prompt
from hinode.kit.ids import from_video_id
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class VideoVerbs:
    """The studio as the video routes use it. All methods raise :class:`HinodeError`."""

    jobs: JobService

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.jobs.authenticate(secret, Scope.VIDEOS)

    def check(self, creation: Creation) -> None:
        """Raise for what is known to be wrong before its picture is there."""
        check_prompt(creation.prompt)
        self.jobs.catalog.resolve(creation.wish, MediaKind.VIDEO)

    def create(
        self, caller: Caller, creation: Creation, image: bytes | None, key: str | None
    ) -> JobDetail:
        """Make a job; ``key`` is the idempotency key."""
        promise = None if key is None else IdempotencyKey(key, creation.fingerprint())
        request = VideoRequest(
            creation.prompt,
            creation.wish,
            first_frame=image,
            idempotency=promise,
            characters=creation.characters,
        )
        return JobDetail(self.jobs.create_video(caller, request), None)

    def retrieve(self, secret: str | None, video_id: str) -> JobDetail:
        """Find a video job."""
        return self._find(self.caller(secret), video_id)

    def page(self, secret: str | None, query: Mapping[str, str]) -> JobPage:
        """List video jobs."""
        caller, page = self.caller(secret), read_page(query)
        return self.jobs.list_videos(
            caller, limit=page.limit, after=page.after, ascending=page.ascending
        )

    def cancel(self, secret: str | None, video_id: str) -> JobDetail:
        """Cancel a video job."""
        caller = self.caller(secret)
        job = self._find(caller, video_id).job
        return JobDetail(self.jobs.cancel(caller, job.id), None)

    def delete(self, secret: str | None, video_id: str) -> None:
        """Forget a video job and its files."""
        caller = self.caller(secret)
        self.jobs.delete(caller, self._find(caller, video_id).job.id)

    def content(self, secret: str | None, video_id: str, query: Mapping[str, str]) -> Asset:
        """Find a finished video job's file."""
        caller, (role, output) = self.caller(secret), read_variant(query)
        return self.jobs.content(caller, self._find(caller, video_id).job.id, role, output)

    def _find(self, caller: Caller, video_id: str) -> JobDetail:
        job_id = from_video_id(video_id)
        detail = self.jobs.job(caller, job_id) if job_id else None
        if detail is None or detail.job.kind is not MediaKind.VIDEO:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
            )
        return detail
