"""Drafts and their files as JSON: DraftItem in §5 of the dialect's facts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hinode.api.given_parameters import named_parameters
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.drafts.outcome import VIOLATION, DraftOutcome, as_markdown, draft_outcome
from hinode.api.sora.ids import generation_id, post_id, task_id
from hinode.core.assets.types import Asset
from hinode.core.drafts.types import Draft
from hinode.core.jobs.types import Job
from hinode.media.types import ArtifactRole

# There is one encoding of each file, so ``source``, ``md`` and ``ld`` have the same one. Names and
# nullness are as in captured traffic and in a strictly typed client, which needs ``source`` and
# ``thumbnail`` to be objects; ``ssim``, the likeness to the source, is that of the source itself.
_ENCODINGS = ("source", "source_wm", "md", "ld", "gif", "thumbnail", "unfurl", "spritesheet")
_SSIM_IDENTICAL = 1.0
_SHOWN = frozenset({"style", "size", "num_frames"})


def draft_json(
    draft: Draft,
    urls: MediaUrls,
    post: Mapping[str, Any] | None = None,
    characters: Mapping[UUID, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return a DraftItem.

    ``post`` is the summary of its post; ``characters`` has profiles of characters by id.
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
        # The list is sorted by when jobs ended.
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
        # Clients show this one to people.
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
        # The post may have been deleted since.
        "remix_target_post": {"id": post_id(job.options.post)} if job.options.post else None,
        "inpaint_image": None,
        "cameo_profiles": [characters[one] for one in job.options.characters if one in characters],
        **parameters_member(job),
    }


def parameters_member(job: Job) -> dict[str, Any]:
    """Return the member with the generation parameters of a job, an extension; none without."""
    # Style, size and number of frames have members of their own; without others there is none.
    given = {name: one for name, one in named_parameters(job).items() if name not in _SHOWN}
    return {"parameters": given} if given else {}


def encodings_json(draft: Draft, urls: MediaUrls) -> dict[str, Any]:
    """Return the ``encodings`` of a draft or a generation; all null when its files are gone."""
    shown = draft.shown
    if shown is None:
        return dict.fromkeys(_ENCODINGS)
    thumbnail = draft.file(ArtifactRole.THUMBNAIL) or draft.file(ArtifactRole.IMAGE)
    path = {"path": urls.url_for(draft, shown)}
    return {
        "source": _video_encoding(draft, shown, urls),
        "source_wm": _video_encoding(draft, draft.marked, urls),
        "md": path,
        "ld": path,
        "gif": None,
        "thumbnail": _image_encoding(draft, thumbnail, urls),
        "unfurl": _image_encoding(draft, thumbnail, urls),
        "spritesheet": _image_encoding(draft, draft.file(ArtifactRole.SPRITESHEET), urls),
    }


def _video_encoding(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    if asset is None:
        return None
    return {
        "path": urls.url_for(draft, asset),
        "size": asset.bytes,
        "width": asset.width,
        "height": asset.height,
        "duration_secs": asset.duration,
        "ssim": _SSIM_IDENTICAL,
    }


def _image_encoding(draft: Draft, asset: Asset | None, urls: MediaUrls) -> dict[str, Any] | None:
    return None if asset is None else {"path": urls.url_for(draft, asset), "size": asset.bytes}
