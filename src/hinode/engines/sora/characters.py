"""Endpoints of characters."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.api_client import ApiClient, quote_path_part
from hinode.engines.sora.character_models import (
    UploadedFile,
    UpstreamCameoProgress,
    UpstreamCharacterPage,
    UpstreamMention,
)
from hinode.engines.sora.json_reader import JsonReader
from hinode.engines.sora.params import CharacterParams


@dataclass(frozen=True, slots=True)
class CharacterApi:
    """All raise :class:`hinode.engines.sora.errors.SoraClientError`."""

    api: ApiClient

    async def upload_video(self, video: FilePart, start: float, end: float) -> str:
        """POST ``/characters/upload``: a part of a video; return the cameo's id."""
        form = {"timestamps": f"{start:g},{end:g}"}
        return JsonReader(await self.api.upload("/characters/upload", video, form)).text("id")

    async def from_generation(self, generation_id: str, start: float, end: float) -> str:
        """POST ``/characters/from-generation``: the same from a video of the account."""
        body = {
            "generation_id": generation_id,
            "character_id": None,
            "timestamps": [start, end],
        }
        return JsonReader(await self.api.post("/characters/from-generation", body)).text("id")

    async def progress(self, cameo_id: str) -> UpstreamCameoProgress:
        """GET ``/project_y/cameos/in_progress/{id}``."""
        response = await self.api.get(f"/project_y/cameos/in_progress/{quote_path_part(cameo_id)}")
        return UpstreamCameoProgress.read(response)

    async def upload_file(self, picture: FilePart, use_case: str = "profile") -> UploadedFile:
        """POST ``/project_y/file/upload``; ``use_case`` is ``profile`` or ``inpaint_safe``."""
        response = await self.api.upload("/project_y/file/upload", picture, {"use_case": use_case})
        return UploadedFile.read(response)

    async def finalize(self, params: CharacterParams) -> str:
        """POST ``/characters/finalize``; return the character's id."""
        response = JsonReader(await self.api.post("/characters/finalize", params.body()))
        return response.object("character").text("character_id")

    async def set_visibility(self, cameo_id: str, *, public: bool) -> None:
        """POST ``/project_y/cameos/by_id/{id}/update_v2``."""
        body = {"visibility": "public" if public else "private"}
        await self.api.post(f"/project_y/cameos/by_id/{quote_path_part(cameo_id)}/update_v2", body)

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
        await self.api.post(f"/project_y/characters/{quote_path_part(character_id)}/update", body)

    async def delete(self, character_id: str) -> None:
        """DELETE ``/project_y/characters/{id}``."""
        await self.api.delete(f"/project_y/characters/{quote_path_part(character_id)}")

    async def of_user(
        self, user_id: str, limit: int = 20, cursor: str | None = None
    ) -> UpstreamCharacterPage:
        """GET ``/project_y/profile/{user_id}/characters``."""
        path = f"/project_y/profile/{quote_path_part(user_id)}/characters"
        return UpstreamCharacterPage.read(await self.api.get(path, limit=limit, cursor=cursor))

    async def search(self, start: str, limit: int = 10) -> tuple[UpstreamMention, ...]:
        """GET ``/project_y/profile/search_mentions``: names that a prompt may mention."""
        response = await self.api.get(
            "/project_y/profile/search_mentions", username=start, intent="cameo", limit=limit
        )
        return tuple(UpstreamMention.read(one) for one in JsonReader(response).objects("items"))
