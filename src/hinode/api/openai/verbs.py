"""What each video route asks of the studio: prove the caller, then one verb, in one go.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hinode.api.openai.creation import Creation
from hinode.api.openai.queries import read_page, read_variant
from hinode.kit.ids import from_video_id
from hinode.media.kinds import MediaKind
from hinode.studio.access.types import Caller, Scope
from hinode.studio.assets.types import Asset
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.requests import Idempotency, VideoRequest
from hinode.studio.jobs.types import JobDetail, JobPage
from hinode.studio.studio import Studio
from hinode.studio.text import check_prompt


@dataclass(frozen=True, slots=True)
class VideoVerbs:
    """The studio as the video routes use it. All methods raise :class:`StudioError`."""

    studio: Studio

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.studio.authenticate(secret, Scope.VIDEOS)

    def check(self, creation: Creation) -> None:
        """Raise for what is known to be wrong before its picture is there."""
        check_prompt(creation.prompt)
        self.studio.catalog.fit(creation.wish, MediaKind.VIDEO)

    def create(
        self, caller: Caller, creation: Creation, image: bytes | None, key: str | None
    ) -> JobDetail:
        """Make a job; ``key`` is the idempotency key."""
        promise = None if key is None else Idempotency(key, creation.fingerprint())
        request = VideoRequest(
            creation.prompt,
            creation.wish,
            first_frame=image,
            idempotency=promise,
            characters=creation.characters,
        )
        return JobDetail(self.studio.create_video(caller, request), None)

    def retrieve(self, secret: str | None, video_id: str) -> JobDetail:
        """Find a video job."""
        return self._find(self.caller(secret), video_id)

    def page(self, secret: str | None, query: Mapping[str, str]) -> JobPage:
        """List video jobs."""
        caller, page = self.caller(secret), read_page(query)
        return self.studio.list_videos(
            caller, limit=page.limit, after=page.after, ascending=page.ascending
        )

    def cancel(self, secret: str | None, video_id: str) -> JobDetail:
        """Cancel a video job."""
        caller = self.caller(secret)
        job = self._find(caller, video_id).job
        return JobDetail(self.studio.cancel(caller, job.id), None)

    def delete(self, secret: str | None, video_id: str) -> None:
        """Forget a video job and its files."""
        caller = self.caller(secret)
        self.studio.delete(caller, self._find(caller, video_id).job.id)

    def content(self, secret: str | None, video_id: str, query: Mapping[str, str]) -> Asset:
        """Find a finished video job's file."""
        caller, (role, output) = self.caller(secret), read_variant(query)
        return self.studio.content(caller, self._find(caller, video_id).job.id, role, output)

    def _find(self, caller: Caller, video_id: str) -> JobDetail:
        job_id = from_video_id(video_id)
        detail = self.studio.job(caller, job_id) if job_id else None
        if detail is None or detail.job.kind is not MediaKind.VIDEO:
            raise StudioError(
                ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
            )
        return detail
