"""The routes of videos that start from another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.openai.actions import Action, read_edit, read_extension, read_remix
from hinode.api.openai.auth import secret_of
from hinode.api.openai.responses import video_answer
from hinode.api.values import Fields
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import HinodeError
from hinode.core.jobs.requests import UploadSource
from hinode.core.jobs.types import JobDetail


@dataclass(frozen=True, slots=True)
class ActionRoutes:
    """One method per route. All take an ``Idempotency-Key``, as the making of a video does."""

    context: ApiContext

    async def remix(self, request: Request, video_id: str) -> Response:
        """Make a video again with another prompt: what it does not change stays.

        Model, size, length and seed are those of the video unless others are asked for.
        """
        return await self._act(request, lambda fields: read_remix(fields, video_id))

    async def edit(self, request: Request) -> Response:
        """Change a video, your own or an uploaded one, and keep its motion.

        An uploaded video is at most as long as its `model` makes them. Its length is kept, to the
        nearest frame, and the price is that of its length in whole seconds.
        """
        return await self._act(request, read_edit)

    async def extend(self, request: Request) -> Response:
        """Go on with a video: the result is the video and the new part in one file.

        `seconds` is the length of the new part in the request and of the whole in the answer;
        only the new part is charged. The whole lasts at most 120 seconds.
        """
        return await self._act(request, read_extension)

    async def _act(self, request: Request, read: Callable[[Fields], Action]) -> Response:
        caller = await self._caller(request)
        action = read(await read_fields(request, self.context.upload_limit))
        key = request.headers.get("idempotency-key")
        if not isinstance(action.start, UploadSource):
            return video_answer(await self.context.call(self._create, caller, action, key))
        async with self.context.clip_slots:
            return video_answer(await self.context.call(self._create, caller, action, key))

    async def _caller(self, request: Request) -> Caller:
        # The caller is proven before the body is read.
        jobs = self.context.core.jobs
        return await self.context.call(jobs.authenticate, secret_of(request), Scope.VIDEOS)

    def _create(self, caller: Caller, action: Action, key: str | None) -> JobDetail:
        try:
            job = self.context.core.jobs.create_video(caller, action.request(key))
        except HinodeError as error:
            # The studio's word for the job that is started from, whatever field named it.
            if error.param == "id":
                error.param = action.param
            raise
        return JobDetail(job, None)
