"""Posts as JSON: feed item in §3.22 and §5 of the dialect's facts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.serializers import draft_json
from hinode.api.sora.ids import post_id
from hinode.api.sora.profiles import profile_json
from hinode.core.posts.types import Post, PublishedVideo

PAGE_PATH = "/p/{post_id}"
"""The path of the public page of a post."""

_DRAFT_FIELDS = (
    "generation_id", "task_id", "url", "downloadable_url", "download_urls", "width", "height",
    "n_frames", "prompt", "encodings",
)  # fmt: skip


def feed_item_json(found: PublishedVideo, urls: MediaUrls) -> dict[str, Any]:
    """Return a post with its author."""
    return {"post": _post(found, urls), "profile": profile_json(found.author)}


def _post(found: PublishedVideo, urls: MediaUrls) -> dict[str, Any]:
    draft, post = draft_json(found.video, urls), found.post
    attachment = {name: draft[name] for name in _DRAFT_FIELDS}
    return {
        **post_summary(post, urls.base),
        "preview_image_url": draft["preview_image_url"],
        "attachments": [{"id": draft["id"], "kind": "sora", **attachment}],
    }


def post_summary(post: Post, base: str) -> dict[str, Any]:
    """Return a post without its video."""
    return {
        "id": post_id(post.id),
        "text": post.text,
        "permalink": permalink(base, post.id),
        "posted_at": post.created_at.timestamp(),
        # Whoever has its URL sees a post.
        "visibility": "public",
        # There are no likes here.
        "like_count": 0,
        "view_count": post.views,
        "remix_count": post.remixes,
    }


def permalink(base: str, post: UUID) -> str:
    """Return the URL of a post's page below ``base``."""
    return base.rstrip("/") + PAGE_PATH.format(post_id=post_id(post))
