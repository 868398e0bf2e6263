"""The drafts of an account."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.api_client import ApiClient, quote_path_part
from hinode.engines.sora.job_models import UpstreamDraft, UpstreamDraftPage
from hinode.engines.sora.json_reader import JsonReader

_DRAFTS = "/project_y/profile/drafts"


@dataclass(frozen=True, slots=True)
class DraftApi:
    """All raise :class:`hinode.engines.sora.errors.SoraClientError`."""

    api: ApiClient

    async def page(self, limit: int = 15, cursor: str | None = None) -> UpstreamDraftPage:
        """GET ``/project_y/profile/drafts``, newest first."""
        return UpstreamDraftPage.read(await self.api.get(_DRAFTS, limit=limit, cursor=cursor))

    async def page_v2(self, limit: int = 15, cursor: str | None = None) -> UpstreamDraftPage:
        """GET ``/project_y/profile/drafts/v2``: the same; older servers do not have it."""
        return UpstreamDraftPage.read(
            await self.api.get(f"{_DRAFTS}/v2", limit=limit, cursor=cursor)
        )

    async def find(self, generation_id: str) -> UpstreamDraft:
        """GET ``/project_y/profile/drafts/v2/{id}``: one, with fresh URLs."""
        response = await self.api.get(f"{_DRAFTS}/v2/{quote_path_part(generation_id)}")
        return UpstreamDraft.read(JsonReader(response).object("draft"))

    async def mark_read(self, generation_id: str) -> None:
        """POST ``/project_y/profile/drafts/{id}/read``."""
        await self.api.post(f"{_DRAFTS}/{quote_path_part(generation_id)}/read", {})

    async def delete(self, generation_id: str) -> None:
        """DELETE ``/project_y/profile/drafts/{id}``."""
        await self.api.delete(f"{_DRAFTS}/{quote_path_part(generation_id)}")
