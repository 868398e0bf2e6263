"""What real clients of the Sora backend need of each shape, checked field by field.

Written from the dialect's facts (§5), apart from the server's own documentation of its answers.
"""

from __future__ import annotations

import re
from typing import Any

from tests.support import patient

TASK_ID = re.compile(r"task_[0-9a-z]{26}")
GENERATION_ID = re.compile(r"gen_[0-9a-z]{26}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
USER = re.compile(r"user-[0-9a-f]{32}")
NUMBER = (int, float)
TASK_FIELDS: dict[str, tuple[type, ...]] = {
    "id": (str,), "user": (str,), "created_at": (str,), "status": (str,),
    "progress_pct": NUMBER, "progress_pos_in_queue": (int, type(None)),
    "estimated_queue_wait_time": (*NUMBER, type(None)),
    "queue_status_message": (str, type(None)), "priority": (int,), "type": (str,),
    "prompt": (str,), "title": (str,), "n_variants": (int,), "n_frames": (int,), "width": (int,),
    "height": (int,), "operation": (str,), "model": (str, type(None)), "inpaint_items": (list,),
    "generations": (list,), "num_unsafe_generations": (int,), "moderation_result": (dict,),
    "needs_user_review": (bool,), "failure_reason": (str, type(None)),
}  # fmt: skip
"""The fields that a strictly typed client decodes, and as what."""
TASK_NULLS = (
    "seed", "guidance", "actions", "interpolation", "sdedit", "preset_id", "caption", "quality",
    "size", "remix_config", "storyboard_id", "story_id", "organization_id", "project_id",
    "request_id", "tracking_id",
)  # fmt: skip
GENERATION_FIELDS: dict[str, tuple[type, ...]] = {
    "id": (str,), "task_id": (str,), "created_at": (str,), "url": (str,), "encodings": (dict,),
    "width": (int,), "height": (int,), "n_frames": (int,), "prompt": (str,), "title": (str,),
    "operation": (str,), "user": (dict,), "moderation_result": (dict,), "task_type": (str,),
}  # fmt: skip
DRAFT_FIELDS: dict[str, tuple[type, ...]] = {
    "id": (str,), "generation_id": (str,), "task_id": (str,), "kind": (str,),
    "url": (str, type(None)), "downloadable_url": (str, type(None)), "download_urls": (dict,),
    "width": (int,), "height": (int,), "generation_type": (str,), "created_at": NUMBER,
    "prompt": (str,), "title": (str, type(None)), "encodings": (dict,), "creation_config": (dict,),
    "draft_reviewed": (bool,), "can_remix": (bool,), "can_create_character": (bool,),
    "storyboard_id": (str, type(None)), "post": (dict, type(None)),
    "post_visibility": (str, type(None)), "tags": (list,), "reason": (str, type(None)),
    "reason_str": (str, type(None)), "markdown_reason_str": (str, type(None)),
    "error_reason": (str, type(None)),
}  # fmt: skip
ENCODINGS = ("source", "source_wm", "md", "ld", "gif", "thumbnail", "unfurl", "spritesheet")


def check_task(task: dict[str, Any]) -> None:
    """Check a task as it is listed anywhere."""
    _check(task, TASK_FIELDS)
    assert all(name in task and task[name] is None for name in TASK_NULLS)
    assert TASK_ID.fullmatch(task["id"])
    assert USER.fullmatch(task["user"])
    assert MOMENT.fullmatch(task["created_at"])
    assert 0 <= task["progress_pct"] <= 1
    assert task["type"] in ("video_gen", "image_gen")
    _check_moderation(task)
    for generation in task["generations"]:
        _check_generation(generation, task)


def _check_generation(generation: dict[str, Any], task: dict[str, Any]) -> None:
    _check(generation, GENERATION_FIELDS)
    assert GENERATION_ID.fullmatch(generation["id"])
    assert generation["task_id"] == task["id"]
    assert MOMENT.fullmatch(generation["created_at"])
    assert sorted(generation["user"]) == ["id", "username"]
    assert generation["user"]["id"] == task["user"]
    _check_moderation(generation)
    check_encodings(generation["encodings"], generation["url"])


def _check_moderation(shape: dict[str, Any]) -> None:
    result = shape["moderation_result"]
    assert result["type"] in ("passed", "rejected")
    assert result["results_by_frame_index"] == {}
    assert isinstance(result["is_output_rejection"], bool)
    assert result["task_id"] == shape.get("task_id", shape["id"])


def check_encodings(encodings: dict[str, Any], url: str | None) -> None:
    """Check encodings: all there, and the source where the link leads; or all null."""
    assert set(encodings) == set(ENCODINGS)
    if url is None:
        assert set(encodings.values()) == {None}
        return
    source = encodings["source"]
    assert source["path"] == url == encodings["md"]["path"] == encodings["ld"]["path"]
    assert set(source) == {"path", "size", "width", "height", "duration_secs", "ssim"}
    assert set(encodings["thumbnail"]) == {"path", "size"}
    assert encodings["unfurl"]["path"] == encodings["thumbnail"]["path"]
    assert encodings["gif"] is None


def check_draft(draft: dict[str, Any]) -> None:
    """Check a draft, whatever its kind."""
    _check(draft, DRAFT_FIELDS)
    assert GENERATION_ID.fullmatch(draft["id"])
    assert draft["id"] == draft["generation_id"]
    assert TASK_ID.fullmatch(draft["task_id"])
    assert draft["creation_config"]["task_id"] == draft["task_id"]
    assert draft["creation_config"]["prompt"] == draft["prompt"]
    assert set(draft["download_urls"]) == {"watermark", "no_watermark"}
    check_encodings(draft["encodings"], draft["url"])
    reasons = [draft[name] for name in ("reason", "reason_str", "markdown_reason_str")]
    if draft["kind"] == "sora_draft":
        assert draft["url"] == draft["downloadable_url"]
        assert draft["url"].startswith("http://")
        assert reasons == [None, None, None]
        assert draft["error_reason"] is None
        return
    assert draft["kind"] in ("sora_content_violation", "sora_error")
    links = [draft["url"], draft["downloadable_url"], *draft["download_urls"].values()]
    assert links == [None] * 4
    assert all(reason and reason.strip() for reason in reasons)
    assert bool(draft["error_reason"]) is (draft["kind"] == "sora_error")


def opens(url: str) -> bool:
    """Whether a link answers exactly 200 to a GET and a HEAD without authorization."""
    return patient.get(url).status_code == 200 and patient.head(url).status_code == 200


def _check(shape: dict[str, Any], fields: dict[str, tuple[type, ...]]) -> None:
    for name, types in fields.items():
        assert name in shape, name
        # A boolean is an int to Python, and to nobody else.
        assert type(shape[name]) in types, (name, shape[name])
