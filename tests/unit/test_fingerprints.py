"""Fingerprints of idempotency: each field of a create is part of its request, or is named here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.images.requests import CreateImage, EditImage
from hinode.api.openai.video_requests import CreateVideo, RemixVideo
from hinode.api.parsing import parse
from hinode.api.tasks.schemas import CreateTask, TaskInput, parse_create
from hinode.api.values import Upload
from hinode.core.jobs.requests import IdempotencyKey
from hinode.kit.ids import encode_id, new_id, to_video_id
from hinode.kit.spool import Spooled

PICTURE, OTHER = (Upload(Spooled.of(content), "a.png") for content in (b"one", b"other"))
SOURCE = new_id()
VIDEO, CHARACTER = to_video_id(SOURCE), encode_id("char_", new_id())
URL = "https://example.com/a.png"
OUTER = {"model": "sora-2-pro", "callback_url": "https://example.com/called", "priority": "low"}
RENDER: dict[str, Any] = {
    "negative_prompt": "rain", "num_inference_steps": 30, "guidance_scale": 4.0,
    "guidance_scale_2": 3.0, "lora": ["grain"], "extra_params": {"shift": 3}, "seed": 7,
    "style": "comic",
}  # fmt: skip
SHAPE: dict[str, Any] = {
    "num_frames": 49, "fps": 24, "generate_audio": False, "frame_interpolation_exp": 1,
    "upscaling_scale": 2, "resolution": "1080p",
}  # fmt: skip
COMMON = {**RENDER, "model": "sora-2-pro", "n": 2, "watermark": True, "priority": "low"}
VIDEOS = {
    **COMMON, **SHAPE, "last_frame": PICTURE, "reference_images": [PICTURE], "size": "1280x720",
    "aspect_ratio": "16:9", "orientation": "landscape", "duration": "8", "seconds": "8", "hd": True,
}  # fmt: skip
IMAGES = {
    **COMMON, "size": "1536x1024", "output_format": "webp", "output_compression": 50,
}  # fmt: skip
FIRST: dict[str, Any] = {"prompt": "a fox"}
CHAT: dict[str, Any] = {"model": "sora-2", "messages": [{"role": "user", "content": "a fox"}]}
TASK: dict[str, Any] = {"prompt": "a fox", "duration": "8", "aspect_ratio": "16:9"}

TOGETHER: dict[str, dict[str, Any]] = {
    "width": {"width": 1280, "height": 720},
    "height": {"width": 1280, "height": 720},
    "enable_frame_interpolation": {
        "enable_frame_interpolation": True,
        "frame_interpolation_exp": 1,
    },
    "enable_upscaling": {"enable_upscaling": True, "upscaling_scale": 2},
    "output_compression": {"output_format": "webp", "output_compression": 50},
}
"""Fields that mean something with others only."""
SENT_OTHERWISE = {"response_format", "stream", "partial_images", "stream_options"}
"""How the answer is sent: a client may come back for links."""
WITHOUT_EFFECT = {"quality", "background", "moderation", "input_fidelity"}


def of_video(fields: dict[str, Any]) -> IdempotencyKey | None:
    return parse(CreateVideo, fields).request("key").idempotency


def of_remix(fields: dict[str, Any]) -> IdempotencyKey | None:
    return parse(RemixVideo, fields).derived(SOURCE, "key").idempotency


def of_image(fields: dict[str, Any]) -> IdempotencyKey | None:
    return parse(CreateImage, fields).request("key").idempotency


def of_edit(fields: dict[str, Any]) -> IdempotencyKey | None:
    return parse(EditImage, fields).request("key").idempotency


def of_chat(fields: dict[str, Any]) -> IdempotencyKey | None:
    return parse(CreateCompletion, fields).idempotency("key")


def of_task(fields: dict[str, Any]) -> str:
    return parse_create({"model": "sora-2", "input": fields}).fingerprint()


def of_outer_task(fields: dict[str, Any]) -> str:
    return parse_create({"model": "sora-2", "input": TASK, **fields}).fingerprint()


Case = tuple[
    type[BaseModel], Callable[[dict[str, Any]], object], dict[str, Any], dict[str, Any], set[str]
]
CASES: list[Case] = [
    (
        CreateVideo,
        of_video,
        FIRST,
        {
            **VIDEOS,
            "prompt": "a boat",
            "input_reference": [PICTURE],
            "characters": [{"id": CHARACTER}],
            "remix_id": VIDEO,
        },
        set(),
    ),
    (RemixVideo, of_remix, FIRST, {**VIDEOS, "prompt": "a boat"}, set()),
    (CreateImage, of_image, FIRST, {**IMAGES, "prompt": "a boat"}, WITHOUT_EFFECT),
    (
        EditImage,
        of_edit,
        {**FIRST, "image": PICTURE},
        {**IMAGES, "prompt": "a boat", "image": OTHER, "images": [PICTURE, OTHER], "mask": OTHER},
        WITHOUT_EFFECT,
    ),
    (
        CreateCompletion,
        of_chat,
        CHAT,
        {
            **VIDEOS,
            "remix_id": VIDEO,
            "messages": [{"role": "user", "content": "a boat"}],
        },
        set(),
    ),
    (
        TaskInput,
        of_task,
        TASK,
        {
            **RENDER,
            **SHAPE,
            "last_frame": URL,
            "reference_images": [URL],
            "prompt": "a boat",
            "duration": "4",
            "aspect_ratio": "9:16",
            "image_urls": [URL],
            "size": "1280x720",
        },
        {"orientation"},  # that of the required aspect ratio, or refused
    ),
    (CreateTask, of_outer_task, {}, OUTER, {"input"}),
]


@pytest.mark.parametrize(
    ("schema", "fingerprint", "least", "others", "apart"),
    CASES,
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_every_field_is_part_of_the_request(
    schema: type[BaseModel],
    fingerprint: Callable[[dict[str, Any]], object],
    least: dict[str, Any],
    others: dict[str, Any],
    apart: set[str],
) -> None:
    names = set(schema.model_fields) - SENT_OTHERWISE - apart
    given = {name: TOGETHER.get(name, {name: others.get(name)}) for name in names}
    same = fingerprint(least)

    assert {
        name for name, fields in given.items() if fingerprint({**least, **fields}) == same
    } == set()
    assert fingerprint(dict(least)) == same
