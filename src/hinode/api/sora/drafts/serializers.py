"""A draft as Sora's clients read it: §5 of the dialect's facts, DraftItem."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hinode.api.sora.drafts.encodings import encodings_json
from hinode.api.sora.drafts.ids import generation_id, task_id
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.outcome import VIOLATION, DraftOutcome, as_markdown, draft_outcome
from hinode.api.sora.posts.ids import post_id
from hinode.core.drafts.types import Draft
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole


def draft_json(
    draft: Draft,
    urls: MediaUrls,
    post: Mapping[str, Any] | None = None,
    characters: Mapping[UUID, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a DraftItem.

    ``post`` is what it was published as, with its ``visibility``; ``characters`` has the profiles
    of characters.
    """
    outcome, size = draft_outcome(draft), draft.shown or draft.job.plan
    gen = generation_id(draft.place)
    return {
        "id": gen,
        "generation_id": gen,
        "task_id": task_id(draft.job.id),
        "kind": outcome.kind,
        **_links(draft, urls),
        "width": size.width,
        "height": size.height,
        "n_frames": size.frames,
        "generation_type": "video_gen",
        # When it became a draft, which is what the list is sorted by.
        "created_at": (draft.job.ended_at or draft.job.created_at).timestamp(),
        "prompt": draft.job.prompt,
        "title": None,
        "creation_config": _creation_config(draft.job, characters),
        "draft_reviewed": draft.reviewed,
        "can_remix": outcome.succeeded,
        "can_create_character": outcome.succeeded,
        "storyboard_id": None,
        "post": post,
        "post_visibility": post.get("visibility") if post else None,
        "tags": [],
        **_reasons(outcome),
        "c_version": None,
        "output_blocked": outcome.kind == VIOLATION,
    }


def _links(draft: Draft, urls: MediaUrls) -> dict[str, Any]:
    url = urls.url_for(draft, draft.shown)
    thumbnail = urls.url_for(draft, draft.file(ArtifactRole.THUMBNAIL))
    return {
        "url": url,
        "downloadable_url": url,
        "download_urls": {
            "watermark": urls.url_for(draft, draft.marked),
            "no_watermark": urls.url_for(draft, draft.unmarked),
        },
        "encodings": encodings_json(draft, urls),
        "preview_image_url": thumbnail,
        "thumbnail_url": thumbnail,
    }


def _reasons(outcome: DraftOutcome) -> dict[str, str | None]:
    reason = outcome.reason
    if reason is None:
        return dict.fromkeys(("reason", "reason_str", "markdown_reason_str", "error_reason"))
    return {
        "reason": reason.code,
        "reason_str": reason.message,
        "markdown_reason_str": as_markdown(reason.message),
        # Clients that know this one show it to people.
        "error_reason": None if outcome.kind == VIOLATION else reason.message,
    }


def _creation_config(job: Job, characters: Mapping[UUID, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "prompt": job.prompt,
        "task_id": task_id(job.id),
        "orientation": job.plan.size.orientation.value,
        "n_frames": job.plan.frames,
        "style_id": job.options.style.value if job.options.style else None,
        "storyboard_id": None,
        # The post may have been taken back since.
        "remix_target_post": {"id": post_id(job.options.post)} if job.options.post else None,
        "inpaint_image": None,
        "cameo_profiles": [characters[one] for one in job.options.characters if one in characters],
    }
