"""Endpoints that create pictures and videos and list the unfinished ones."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.api_client import ApiClient, quote_path_part
from hinode.engines.sora.job_models import CreateResult, UpstreamTask, UpstreamTaskPage
from hinode.engines.sora.json_reader import JsonReader, read_objects
from hinode.engines.sora.params import ImageParams, StoryboardParams, VideoParams


@dataclass(frozen=True, slots=True)
class CreationApi:
    """All raise :class:`hinode.engines.sora.errors.SoraClientError`.

    Nothing is retried: after a failure of a create that ``may_have_executed``, search the pending
    tasks and drafts first.
    """

    api: ApiClient

    async def upload_picture(self, picture: FilePart) -> str:
        """POST ``/uploads``; return the media's id, for parameters."""
        response = await self.api.upload("/uploads", picture, {"file_name": picture.name})
        return JsonReader(response).text("id")

    async def create_images(self, params: ImageParams) -> CreateResult:
        """POST ``/video_gen``."""
        return CreateResult.read(
            await self.api.post("/video_gen", params.body(), with_sentinel=True)
        )

    async def create_video(self, params: VideoParams) -> CreateResult:
        """POST ``/nf/create``."""
        return CreateResult.read(
            await self.api.post("/nf/create", params.body(), with_sentinel=True)
        )

    async def create_storyboard(self, params: StoryboardParams) -> CreateResult:
        """POST ``/nf/create/storyboard``."""
        response = await self.api.post("/nf/create/storyboard", params.body(), with_sentinel=True)
        return CreateResult.read(response)

    async def extend(self, generation_id: str, prompt: str, seconds: int) -> CreateResult:
        """POST ``…/drafts/{id}/long_video_extension``: by 10 or 15 seconds."""
        path = f"/project_y/profile/drafts/{quote_path_part(generation_id)}/long_video_extension"
        body = {
            "user_prompt": prompt,
            "extension_duration_s": seconds,
            "enable_rewrite": True,
        }
        return CreateResult.read(await self.api.post(path, body, with_sentinel=True))

    async def pending(self) -> tuple[UpstreamTask, ...]:
        """GET ``/nf/pending/v2``: the account's unfinished videos."""
        return _tasks(await self.api.get("/nf/pending/v2"))

    async def pending_v1(self) -> tuple[UpstreamTask, ...]:
        """GET ``/nf/pending``: the same from older servers, some of which send a page."""
        return _tasks(await self.api.get("/nf/pending"))

    async def recent_tasks(self, limit: int = 20) -> UpstreamTaskPage:
        """GET ``/v2/recent_tasks``: the account's picture jobs, newest first."""
        return UpstreamTaskPage.read(await self.api.get("/v2/recent_tasks", limit=limit))

    async def enhance_prompt(
        self, prompt: str, *, seconds: int = 10, expansion: str = "medium"
    ) -> str:
        """POST ``/editor/enhance_prompt``; ``expansion`` is short, medium or long."""
        body = {"prompt": prompt, "expansion_level": expansion, "duration_s": seconds}
        response = await self.api.post("/editor/enhance_prompt", body)
        return JsonReader(response).optional_text("enhanced_prompt") or prompt


def _tasks(response: object) -> tuple[UpstreamTask, ...]:
    found = (
        JsonReader(response).objects("items")
        if isinstance(response, dict)
        else read_objects(response)
    )
    return tuple(UpstreamTask.read(one) for one in found)
