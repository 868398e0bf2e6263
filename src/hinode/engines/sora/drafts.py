"""What an account has made: its drafts."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.calls import Calls, part
from hinode.engines.sora.fields import Fields
from hinode.engines.sora.job_shapes import Draft, DraftPage

_DRAFTS = "/project_y/profile/drafts"


@dataclass(frozen=True, slots=True)
class DraftCalls:
    """All raise :class:`hinode.engines.sora.failures.SoraFailure`."""

    calls: Calls

    async def page(self, limit: int = 15, cursor: str | None = None) -> DraftPage:
        """GET ``/project_y/profile/drafts``, newest first."""
        return DraftPage.read(await self.calls.get(_DRAFTS, limit=limit, cursor=cursor))

    async def page_v2(self, limit: int = 15, cursor: str | None = None) -> DraftPage:
        """GET ``/project_y/profile/drafts/v2``: the same; older servers do not have it."""
        return DraftPage.read(await self.calls.get(f"{_DRAFTS}/v2", limit=limit, cursor=cursor))

    async def find(self, generation_id: str) -> Draft:
        """GET ``/project_y/profile/drafts/v2/{id}``: one, with fresh URLs."""
        answer = await self.calls.get(f"{_DRAFTS}/v2/{part(generation_id)}")
        return Draft.read(Fields(answer).object("draft"))

    async def mark_read(self, generation_id: str) -> None:
        """POST ``/project_y/profile/drafts/{id}/read``."""
        await self.calls.post(f"{_DRAFTS}/{part(generation_id)}/read", {})

    async def delete(self, generation_id: str) -> None:
        """DELETE ``/project_y/profile/drafts/{id}``."""
        await self.calls.delete(f"{_DRAFTS}/{part(generation_id)}")
