"""Publishing videos, and what others published."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.calls import Calls, part
from hinode.engines.sora.post_shapes import FeedPage, Post


@dataclass(frozen=True, slots=True)
class PostCalls:
    """All raise :class:`hinode.engines.sora.failures.SoraFailure`."""

    calls: Calls

    async def publish(self, generation_id: str, text: str = "") -> Post:
        """POST ``/project_y/post``."""
        attachment = {"generation_id": generation_id, "kind": "sora"}
        body = {"attachments_to_create": [attachment], "post_text": text}
        answer = await self.calls.post("/project_y/post", body, guarded=True)
        return Post.read_wrapped(answer)

    async def find(self, post_id: str) -> Post:
        """GET ``/project_y/post/{id}``."""
        return Post.read_wrapped(await self.calls.get(f"/project_y/post/{part(post_id)}"))

    async def delete(self, post_id: str) -> None:
        """DELETE ``/project_y/post/{id}``."""
        await self.calls.delete(f"/project_y/post/{part(post_id)}")

    async def mine(self, limit: int = 8, cursor: str | None = None) -> FeedPage:
        """GET ``/project_y/profile_feed/me``: one's own posts."""
        return await self._feed("/project_y/profile_feed/me", limit, cursor, "nf2")

    async def of_user(self, user_id: str, limit: int = 8, cursor: str | None = None) -> FeedPage:
        """GET ``/project_y/profile_feed/{user_id}``: somebody's posts."""
        path = f"/project_y/profile_feed/{part(user_id)}"
        return await self._feed(path, limit, cursor, None)

    async def feed(
        self, cut: str = "nf2_latest", limit: int = 8, cursor: str | None = None
    ) -> FeedPage:
        """GET ``/project_y/feed``: everybody's, ``nf2_latest`` or ``nf2_top``."""
        return await self._feed("/project_y/feed", limit, cursor, cut)

    async def _feed(self, path: str, limit: int, cursor: str | None, cut: str | None) -> FeedPage:
        answer = await self.calls.get(path, limit=limit, cursor=cursor, cut=cut)
        return FeedPage.read(answer)
