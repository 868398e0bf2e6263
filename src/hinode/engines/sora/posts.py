"""Publishing videos, and what others published."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.api_client import ApiClient, quote_path_part
from hinode.engines.sora.post_models import UpstreamFeedPage, UpstreamPost


@dataclass(frozen=True, slots=True)
class PostApi:
    """All raise :class:`hinode.engines.sora.errors.SoraClientError`."""

    api: ApiClient

    async def publish(self, generation_id: str, text: str = "") -> UpstreamPost:
        """POST ``/project_y/post``."""
        attachment = {"generation_id": generation_id, "kind": "sora"}
        body = {"attachments_to_create": [attachment], "post_text": text}
        response = await self.api.post("/project_y/post", body, with_sentinel=True)
        return UpstreamPost.read_wrapped(response)

    async def find(self, post_id: str) -> UpstreamPost:
        """GET ``/project_y/post/{id}``."""
        return UpstreamPost.read_wrapped(
            await self.api.get(f"/project_y/post/{quote_path_part(post_id)}")
        )

    async def delete(self, post_id: str) -> None:
        """DELETE ``/project_y/post/{id}``."""
        await self.api.delete(f"/project_y/post/{quote_path_part(post_id)}")

    async def mine(self, limit: int = 8, cursor: str | None = None) -> UpstreamFeedPage:
        """GET ``/project_y/profile_feed/me``: one's own posts."""
        return await self._feed("/project_y/profile_feed/me", limit, cursor, "nf2")

    async def of_user(
        self, user_id: str, limit: int = 8, cursor: str | None = None
    ) -> UpstreamFeedPage:
        """GET ``/project_y/profile_feed/{user_id}``: somebody's posts."""
        path = f"/project_y/profile_feed/{quote_path_part(user_id)}"
        return await self._feed(path, limit, cursor, None)

    async def feed(
        self, cut: str = "nf2_latest", limit: int = 8, cursor: str | None = None
    ) -> UpstreamFeedPage:
        """GET ``/project_y/feed``: everybody's, ``nf2_latest`` or ``nf2_top``."""
        return await self._feed("/project_y/feed", limit, cursor, cut)

    async def _feed(
        self, path: str, limit: int, cursor: str | None, cut: str | None
    ) -> UpstreamFeedPage:
        response = await self.api.get(path, limit=limit, cursor=cursor, cut=cut)
        return UpstreamFeedPage.read(response)
