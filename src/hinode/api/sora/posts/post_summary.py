"""What a draft says of the post that it was published as."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.posts.ids import post_id
from hinode.api.sora.posts.share.permalinks import permalink
from hinode.core.posts.types import Post

PUBLIC = "public"
"""Every post is: who has its link sees it."""


def post_summary(post: Post, base: str) -> dict[str, Any]:
    """Return a post without its video, for whoever reaches the server by ``base``."""
    return {
        "id": post_id(post.id),
        "text": post.text,
        "permalink": permalink(base, post.id),
        "posted_at": post.created_at.timestamp(),
        "visibility": PUBLIC,
        # Nobody can like here.
        "like_count": 0,
        "view_count": post.views,
        "remix_count": post.remixes,
    }
