"""Making pictures and videos, and seeing how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.calls import Calls, part
from hinode.engines.sora.fields import Fields, objects_of
from hinode.engines.sora.job_shapes import Created, Task, TaskPage
from hinode.engines.sora.wishes import ImageWish, StoryboardWish, VideoWish


@dataclass(frozen=True, slots=True)
class CreationCalls:
    """All raise :class:`hinode.engines.sora.failures.SoraFailure`.

    Nothing is repeated: after a failure of a create that ``may_have_run``, look into the pending
    tasks and drafts before asking again.
    """

    calls: Calls

    async def upload_picture(self, picture: FilePart) -> str:
        """POST ``/uploads``; return the media's id, for wishes."""
        answer = await self.calls.upload("/uploads", picture, {"file_name": picture.name})
        return Fields(answer).text("id")

    async def create_images(self, wish: ImageWish) -> Created:
        """POST ``/video_gen``."""
        return Created.read(await self.calls.post("/video_gen", wish.body(), guarded=True))

    async def create_video(self, wish: VideoWish) -> Created:
        """POST ``/nf/create``."""
        return Created.read(await self.calls.post("/nf/create", wish.body(), guarded=True))

    async def create_storyboard(self, wish: StoryboardWish) -> Created:
        """POST ``/nf/create/storyboard``."""
        answer = await self.calls.post("/nf/create/storyboard", wish.body(), guarded=True)
        return Created.read(answer)

    async def extend(self, generation_id: str, prompt: str, seconds: int) -> Created:
        """POST ``…/drafts/{id}/long_video_extension``: by 10 or 15 seconds."""
        path = f"/project_y/profile/drafts/{part(generation_id)}/long_video_extension"
        body = {
            "user_prompt": prompt,
            "extension_duration_s": seconds,
            "enable_rewrite": True,
        }
        return Created.read(await self.calls.post(path, body, guarded=True))

    async def pending(self) -> tuple[Task, ...]:
        """GET ``/nf/pending/v2``: the account's unfinished videos."""
        return _tasks(await self.calls.get("/nf/pending/v2"))

    async def pending_v1(self) -> tuple[Task, ...]:
        """GET ``/nf/pending``: the same from older servers, some of which answer a page."""
        return _tasks(await self.calls.get("/nf/pending"))

    async def recent_tasks(self, limit: int = 20) -> TaskPage:
        """GET ``/v2/recent_tasks``: the account's picture jobs, newest first."""
        return TaskPage.read(await self.calls.get("/v2/recent_tasks", limit=limit))

    async def enhance_prompt(
        self, prompt: str, *, seconds: int = 10, expansion: str = "medium"
    ) -> str:
        """POST ``/editor/enhance_prompt``; ``expansion`` is short, medium or long."""
        body = {"prompt": prompt, "expansion_level": expansion, "duration_s": seconds}
        answer = await self.calls.post("/editor/enhance_prompt", body)
        return Fields(answer).maybe_text("enhanced_prompt") or prompt


def _tasks(answer: object) -> tuple[Task, ...]:
    found = Fields(answer).objects("items") if isinstance(answer, dict) else objects_of(answer)
    return tuple(Task.read(one) for one in found)
