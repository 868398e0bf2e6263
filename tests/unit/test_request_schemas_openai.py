"""The OpenAI dialect's request schemas: every bound, choice and default, by hand.

``make mutate`` widens each bound, drops each choice and changes each default: each change must
fail a test here.
"""

from __future__ import annotations

from typing import Any

import pytest

from hinode.api.openai.action_schemas import CreateCharacter
from hinode.api.openai.batch_schemas import CreateBatch
from hinode.api.openai.chat.request import CreateCompletion, StreamOptions
from hinode.api.openai.files import CreateFile, ExpiresAfter
from hinode.api.openai.images.requests import CreateImage, EditImage, VaryImage
from hinode.api.openai.queries import (
    BatchPageQuery,
    ContentQuery,
    EndpointPageQuery,
    FilePageQuery,
    VideoPageQuery,
)
from hinode.api.openai.video_requests import CreateVideo, EditVideo, ExtendVideo, RemixVideo
from hinode.api.openai.webhook_schemas import (
    CreateEndpoint,
    RotateSecret,
    SendTest,
    UpdateEndpoint,
)
from hinode.api.parsing import RequestSchema, parse
from hinode.api.values import Upload
from hinode.core.errors import HinodeError
from hinode.core.webhooks.types import EventType
from hinode.kit.spool import Spooled
from hinode.media.types import Style

UPLOAD = Upload(Spooled.of(b"data"), "a.png")
PROMPT = {"prompt": "a fox"}
EDIT = {**PROMPT, "video": UPLOAD}
FILE = {"file": UPLOAD, "purpose": "vision"}
ENDPOINT = {"name": "n8n", "url": "https://example.com", "event_types": ["video.failed"]}
CHAT = {"model": "sora_image", "messages": [{"role": "user", "content": "a fox"}]}
BATCH = {"input_file_id": "file-1", "endpoint": "/v1/videos", "completion_window": "24h"}
METADATA = {str(number): "" for number in range(16)}
NEEDED: dict[type[RequestSchema], dict[str, Any]] = {
    CreateVideo: PROMPT,
    RemixVideo: PROMPT,
    EditVideo: EDIT,
    ExtendVideo: {**EDIT, "seconds": "8"},
    CreateImage: PROMPT,
    EditImage: {**PROMPT, "image": UPLOAD},
    VaryImage: {"image": UPLOAD},
    CreateCompletion: CHAT,
    StreamOptions: {},
    CreateCharacter: {"name": "Mossy", "video": UPLOAD},
    CreateFile: FILE,
    ExpiresAfter: {"anchor": "created_at", "seconds": 3_600},
    CreateEndpoint: ENDPOINT,
    UpdateEndpoint: {},
    RotateSecret: {},
    SendTest: {"event_type": "video.failed"},
    VideoPageQuery: {},
    FilePageQuery: {},
    EndpointPageQuery: {},
    BatchPageQuery: {},
    ContentQuery: {},
    CreateBatch: BATCH,
}
GENERATION = {
    "model": None, "size": None, "seconds": None, "duration": None, "hd": None, "n": 1,
    "seed": None, "watermark": False, "priority": None,
}  # fmt: skip
IMAGES = {
    "model": None, "n": 1, "size": "auto", "quality": "auto", "response_format": None,
    "output_format": "png", "output_compression": 100, "background": "auto", "moderation": "auto",
    "input_fidelity": None, "style": None, "stream": False, "partial_images": 0, "seed": None,
    "watermark": False, "priority": None,
}  # fmt: skip
DEFAULTS: dict[type[RequestSchema], dict[str, Any]] = {
    CreateVideo: {**GENERATION, "input_reference": (), "characters": ()},
    RemixVideo: GENERATION,
    EditVideo: GENERATION,
    ExtendVideo: {**GENERATION, "seconds": "8"},
    CreateImage: IMAGES,
    EditImage: {**IMAGES, "images": (), "mask": ()},
    VaryImage: {**IMAGES, "images": (), "prompt": "a variation"},
    CreateCompletion: {
        **GENERATION,
        "model": "sora_image",
        "stream": False,
        "stream_options": StreamOptions(include_usage=False),
    },
    StreamOptions: {"include_usage": False},
    CreateFile: {"expires_after": None},
    UpdateEndpoint: {"name": None, "url": None, "event_types": None},
    RotateSecret: {"keep_old_secret_active_for_24_hours": False},
    VideoPageQuery: {"limit": 20, "order": "desc", "after": None},
    FilePageQuery: {"limit": 10_000, "order": "desc", "after": None, "purpose": None},
    EndpointPageQuery: {"limit": 20, "after": None},
    BatchPageQuery: {"limit": 20, "after": None},
    CreateBatch: {"metadata": None, "output_expires_after": None},
    ContentQuery: {"variant": "video", "index": 0},
}
CREATES = (
    CreateVideo, RemixVideo, EditVideo, ExtendVideo, CreateImage, EditImage, VaryImage,
    CreateCompletion,
)  # fmt: skip
Bound = tuple[type[RequestSchema], str, object, object]
BOUNDS: list[Bound] = [
    (CreateVideo, "n", 1, 0),
    (CreateVideo, "n", 4, 5),
    (CreateVideo, "seed", 0, -1),
    (CreateVideo, "seed", 2**32 - 1, 2**32),
    (CreateVideo, "prompt", "a" * 32_000, "a" * 32_001),
    (CreateVideo, "prompt", "a", ""),
    (CreateVideo, "input_reference", [UPLOAD], [UPLOAD] * 2),
    (CreateCompletion, "n", 4, 5),
    (CreateCompletion, "seed", 2**32 - 1, 2**32),
    (CreateImage, "n", 1, 0),
    (CreateImage, "n", 4, 5),
    (CreateImage, "seed", 0, -1),
    (CreateImage, "seed", 2**32 - 1, 2**32),
    (CreateImage, "prompt", "a" * 32_000, "a" * 32_001),
    (CreateImage, "partial_images", 0, -1),
    (CreateImage, "partial_images", 3, 4),
    (EditImage, "image", [UPLOAD] * 16, [UPLOAD] * 17),
    (EditImage, "mask", [UPLOAD], [UPLOAD] * 2),
    (VaryImage, "image", [UPLOAD], [UPLOAD] * 2),
    (VaryImage, "prompt", "a" * 32_000, "a" * 32_001),
    (CreateCharacter, "name", "a" * 80, "a" * 81),
    (ExpiresAfter, "seconds", 3_600, 3_599),
    (ExpiresAfter, "seconds", 2_592_000, 2_592_001),
    (CreateEndpoint, "name", "a" * 200, "a" * 201),
    (CreateEndpoint, "url", "u" * 2_048, "u" * 2_049),
    (CreateEndpoint, "event_types", ["video.failed"], []),
    (UpdateEndpoint, "name", "a" * 200, "a" * 201),
    (UpdateEndpoint, "url", "u" * 2_048, "u" * 2_049),
    (UpdateEndpoint, "event_types", ["video.failed"], []),
    (VideoPageQuery, "limit", 0, -1),
    (VideoPageQuery, "limit", "100", "101"),
    (FilePageQuery, "limit", "1", "0"),
    (FilePageQuery, "limit", 10_000, 10_001),
    (EndpointPageQuery, "limit", 1, 0),
    (EndpointPageQuery, "limit", 100, 101),
    (BatchPageQuery, "limit", 1, 0),
    (BatchPageQuery, "limit", 100, 101),
    (CreateBatch, "metadata", METADATA, {**METADATA, "16": ""}),
    (CreateBatch, "metadata", {"k" * 64: "v" * 512}, {"k" * 65: ""}),
    (CreateBatch, "metadata", {"k": "v" * 512}, {"k": "v" * 513}),
    (ContentQuery, "index", 0, -1),
    (ContentQuery, "index", 99, 100),
]
CHOICES: list[tuple[type[RequestSchema], str, list[str]]] = [
    (
        CreateImage,
        "quality",
        ["auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"],
    ),
    *((schema, "priority", ["low", "normal", "high"]) for schema in CREATES),
    (CreateImage, "response_format", ["url", "b64_json"]),
    (CreateImage, "output_format", ["png", "jpeg", "webp"]),
    (CreateImage, "background", ["auto", "opaque"]),
    (CreateImage, "moderation", ["auto", "low"]),
    (CreateImage, "input_fidelity", ["low", "high"]),
    (CreateImage, "style", ["vivid", "natural", *Style]),
    (
        CreateFile,
        "purpose",
        ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"],
    ),
    (ExpiresAfter, "anchor", ["created_at"]),
    (SendTest, "event_type", list(EventType)),
    (CreateBatch, "endpoint", ["/v1/videos", "/v1/images/generations"]),
    (CreateBatch, "completion_window", ["24h"]),
    (VideoPageQuery, "order", ["asc", "desc"]),
    (FilePageQuery, "order", ["asc", "desc"]),
    (ContentQuery, "variant", ["video", "thumbnail", "spritesheet"]),
]


@pytest.mark.parametrize("schema", DEFAULTS)
def test_what_is_left_out_has_its_default(schema: type[RequestSchema]) -> None:
    parsed = parse(schema, NEEDED[schema])

    assert {name: getattr(parsed, name) for name in DEFAULTS[schema]} == DEFAULTS[schema]


@pytest.mark.parametrize("schema", DEFAULTS)
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_are_left_out(schema: type[RequestSchema], nothing: str | None) -> None:
    empty: dict[str, Any] = dict.fromkeys(DEFAULTS[schema], nothing)

    assert parse(schema, {**empty, **NEEDED[schema]}) == parse(schema, NEEDED[schema])


@pytest.mark.parametrize(("schema", "name", "good", "bad"), BOUNDS)
def test_a_bound_holds_and_its_field_is_named(
    schema: type[RequestSchema], name: str, good: Any, bad: Any
) -> None:
    parse(schema, {**NEEDED[schema], name: good})
    with pytest.raises(HinodeError) as caught:
        parse(schema, {**NEEDED[schema], name: bad})
    assert caught.value.param == name


@pytest.mark.parametrize(("compression", "passes"), [(0, 1), (100, 1), (-1, 0), (101, 0)])
def test_compression_is_0_to_100_of_a_lossy_format(compression: int, passes: bool) -> None:
    body: dict[str, Any] = {**PROMPT, "output_format": "webp", "output_compression": compression}
    if passes:
        assert parse(CreateImage, body).output_compression == compression
        return
    with pytest.raises(HinodeError) as caught:
        parse(CreateImage, body)
    assert caught.value.param == "output_compression"


@pytest.mark.parametrize(("schema", "name", "choices"), CHOICES)
def test_choices_pass_and_others_are_refused_by_field(
    schema: type[RequestSchema], name: str, choices: list[str]
) -> None:
    for choice in choices:
        assert getattr(parse(schema, {**NEEDED[schema], name: str(choice)}), name) == choice
    with pytest.raises(HinodeError) as caught:
        parse(schema, {**NEEDED[schema], name: "another"})
    assert caught.value.param == name


@pytest.mark.parametrize("schema", [CreateEndpoint, UpdateEndpoint])
def test_every_event_type_can_be_heard(schema: type[UpdateEndpoint]) -> None:
    spellings: list[Any] = [*([one.value] for one in EventType), "video.failed"]
    for events in spellings:
        parsed = parse(schema, {**NEEDED[schema], "event_types": events})
        assert parsed.event_types == ([events] if isinstance(events, str) else events)


@pytest.mark.parametrize(
    ("schema", "name"), [(schema, name) for schema, needed in NEEDED.items() for name in needed]
)
def test_what_is_needed_is_missed_by_its_name(schema: type[RequestSchema], name: str) -> None:
    fields = {key: one for key, one in NEEDED[schema].items() if key != name}

    with pytest.raises(HinodeError) as caught:
        parse(schema, fields)

    assert caught.value.param == name
    assert f"Missing required parameter: '{name}'." in str(caught.value)
