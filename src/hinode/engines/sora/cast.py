"""Characters: from a video to a name that prompts can call."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.calls import Calls, part
from hinode.engines.sora.cast_shapes import CameoProgress, CharacterPage, Mention, UploadedFile
from hinode.engines.sora.fields import Fields
from hinode.engines.sora.wishes import CharacterWish


@dataclass(frozen=True, slots=True)
class CastCalls:
    """All raise :class:`hinode.engines.sora.failures.SoraFailure`."""

    calls: Calls

    async def upload_video(self, video: FilePart, start: float, end: float) -> str:
        """POST ``/characters/upload``: somebody between two seconds of a video; return its id."""
        form = {"timestamps": f"{start:g},{end:g}"}
        return Fields(await self.calls.upload("/characters/upload", video, form)).text("id")

    async def from_generation(self, generation_id: str, start: float, end: float) -> str:
        """POST ``/characters/from-generation``: the same from a video of one's own."""
        body = {
            "generation_id": generation_id,
            "character_id": None,
            "timestamps": [start, end],
        }
        return Fields(await self.calls.post("/characters/from-generation", body)).text("id")

    async def progress(self, cameo_id: str) -> CameoProgress:
        """GET ``/project_y/cameos/in_progress/{id}``."""
        answer = await self.calls.get(f"/project_y/cameos/in_progress/{part(cameo_id)}")
        return CameoProgress.read(answer)

    async def upload_file(self, picture: FilePart, use_case: str = "profile") -> UploadedFile:
        """POST ``/project_y/file/upload``; ``use_case`` is ``profile`` or ``inpaint_safe``."""
        answer = await self.calls.upload("/project_y/file/upload", picture, {"use_case": use_case})
        return UploadedFile.read(answer)

    async def finalize(self, wish: CharacterWish) -> str:
        """POST ``/characters/finalize``; return the character's id."""
        answer = Fields(await self.calls.post("/characters/finalize", wish.body()))
        return answer.object("character").text("character_id")

    async def set_visibility(self, cameo_id: str, *, public: bool) -> None:
        """POST ``/project_y/cameos/by_id/{id}/update_v2``."""
        body = {"visibility": "public" if public else "private"}
        await self.calls.post(f"/project_y/cameos/by_id/{part(cameo_id)}/update_v2", body)

    async def update(
        self,
        character_id: str,
        *,
        username: str | None = None,
        display_name: str | None = None,
        picture_pointer: str | None = None,
    ) -> None:
        """POST ``/project_y/characters/{id}/update``: what is None stays."""
        told = {
            "username": username,
            "display_name": display_name,
            "profile_asset_pointer": picture_pointer,
        }
        body = {name: value for name, value in told.items() if value is not None}
        await self.calls.post(f"/project_y/characters/{part(character_id)}/update", body)

    async def delete(self, character_id: str) -> None:
        """DELETE ``/project_y/characters/{id}``."""
        await self.calls.delete(f"/project_y/characters/{part(character_id)}")

    async def of_user(
        self, user_id: str, limit: int = 20, cursor: str | None = None
    ) -> CharacterPage:
        """GET ``/project_y/profile/{user_id}/characters``."""
        path = f"/project_y/profile/{part(user_id)}/characters"
        return CharacterPage.read(await self.calls.get(path, limit=limit, cursor=cursor))

    async def search(self, start: str, limit: int = 10) -> tuple[Mention, ...]:
        """GET ``/project_y/profile/search_mentions``: whom a prompt may name."""
        answer = await self.calls.get(
            "/project_y/profile/search_mentions", username=start, intent="cameo", limit=limit
        )
        return tuple(Mention.read(one) for one in Fields(answer).objects("items"))
