"""A post as Sora's clients read it: §3.22 and §5 of the dialect's facts, feed item."""

from __future__ import annotations

from typing import Any

from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.serializers import draft_json
from hinode.api.sora.posts.post_summary import post_summary
from hinode.api.sora.posts.profile_serializers import profile_json
from hinode.core.posts.types import PublishedVideo

_DRAFT_FIELDS = (
    "generation_id", "task_id", "url", "downloadable_url", "download_urls", "width", "height",
    "n_frames", "prompt", "encodings",
)  # fmt: skip


def feed_item_json(found: PublishedVideo, urls: MediaUrls) -> dict[str, Any]:
    """Return a post with its author: an item of a feed."""
    return {"post": _post(found, urls), "profile": profile_json(found.author)}


def _post(found: PublishedVideo, urls: MediaUrls) -> dict[str, Any]:
    draft, post = draft_json(found.video, urls), found.post
    attachment = {name: draft[name] for name in _DRAFT_FIELDS}
    return {
        **post_summary(post, urls.base),
        "preview_image_url": draft["preview_image_url"],
        "attachments": [{"id": draft["id"], "kind": "sora", **attachment}],
    }
