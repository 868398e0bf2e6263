"""Reading the bodies that ask for a video. No I/O.

Fields that change nothing here (titles, captions, the ids of what is rolled again, replacements of
characters) are let pass, whatever they hold; null is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from hinode.api.sora.create.sources import (
    Source,
    read_characters,
    read_generation,
    read_image_source,
    read_remix_target,
)
from hinode.api.sora.create.timeline import read_timeline
from hinode.api.values import Fields, Value, integer, missing, text, wrong_type
from hinode.core.catalog.types import Orientation
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ShotParams
from hinode.media.types import Style

DEFAULT_MODEL = "sy_8"
FRAMES_PER_SECOND = 30
"""What `n_frames` counts in, as clients of this backend do; a model may render at another rate."""

EXTENSION_SECONDS = (10, 15)
MAX_OUTPUTS = 4

_LARGE = "large"
# `medium` is in type definitions of clients, but no figures of it are known: the usual size.
_SIZES = {one: one == _LARGE for one in ("small", "medium", _LARGE)}
_ORIENTATIONS = {one.value: one for one in Orientation}
# `vintage` stands in one client's list, and in no other place; `retro` looks like it.
_STYLES: Mapping[str, Style] = {**{one.value: one for one in Style}, "vintage": Style.RETRO}
_IMAGE_ID_FIELDS = {"upload": "upload_id", "file": "file_id", "generation": "generation_id"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SoraVideoRequest:
    """A request for a video; None means that nothing was said.

    ``image`` is its first frame, ``target`` the video that it changes.
    """

    prompt: str
    model: str = DEFAULT_MODEL
    orientation: Orientation | None = None
    large: bool = False
    n_frames: int | None = None
    outputs: int = 1
    style: Style | None = None
    shots: tuple[ShotParams, ...] = ()
    image: Source | None = None
    target: Source | None = None
    characters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class SoraExtensionRequest:
    """A request for a video that goes on; ``seconds`` is the length of the new part."""

    prompt: str
    video: Source
    seconds: int


def read_video_request(fields: Fields) -> SoraVideoRequest:
    """Read the body of `nf/create` or `nf/bulk_create`.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`, as all readers
    here.
    """
    return _read(fields, read_prompt(fields), ())


def read_storyboard(fields: Fields) -> SoraVideoRequest:
    """Read the body of `nf/create/storyboard`: as the others, with shots in its prompt."""
    timeline = read_timeline(read_prompt(fields))
    return _read(fields, timeline.prompt, timeline.shots)


def read_extension_request(fields: Fields, generation: str) -> SoraExtensionRequest:
    """Read the body of `long_video_extension`; prompts are never rewritten, asked for or not."""
    prompt = text(fields, "user_prompt")
    if prompt is None:
        raise missing("user_prompt", "Say in a sentence what happens next.")
    seconds = integer(fields, "extension_duration_s")
    if seconds not in EXTENSION_SECONDS:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'extension_duration_s' is 10 or 15, not {seconds}.",
            param="extension_duration_s",
        )
    return SoraExtensionRequest(prompt, read_generation(generation, "generation_id"), seconds)


def read_prompt(fields: Fields) -> str:
    """Read the prompt."""
    prompt = text(fields, "prompt")
    if prompt is None:
        raise missing("prompt", "Say in a sentence what is to be seen.")
    return prompt


def read_choice(fields: Fields, name: str, known: Mapping[str, T]) -> T | None:
    """Read a text that is one of several, in any case of its letters."""
    given = text(fields, name)
    if given is None:
        return None
    if given.strip().lower() not in known:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{given[:40]}' is no '{name}'.",
            param=name,
            hint=f"Supported values are: {', '.join(known)}.",
        )
    return known[given.strip().lower()]


def read_output_count(fields: Fields, name: str) -> int:
    """Read how many outputs are wanted; one by default."""
    count = integer(fields, name)
    if count is None:
        return 1
    if not 1 <= count <= MAX_OUTPUTS:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' is 1 to {MAX_OUTPUTS}, not {count}.",
            param=name,
        )
    return count


def read_inpaint_items(fields: Fields) -> list[Fields]:
    """Read the objects of `inpaint_items`."""
    items = fields.get("inpaint_items")
    if items is None:
        return []
    if not isinstance(items, list):
        raise wrong_type("inpaint_items", "an array", items)
    return [_object(one, f"inpaint_items[{index}]") for index, one in enumerate(items)]


def _read(fields: Fields, prompt: str, shots: tuple[ShotParams, ...]) -> SoraVideoRequest:
    read_choice(fields, "kind", {"video": True})
    target = fields.get("remix_target_id") or None
    body = SoraVideoRequest(
        prompt=prompt,
        model=text(fields, "model") or DEFAULT_MODEL,
        orientation=read_choice(fields, "orientation", _ORIENTATIONS),
        large=bool(read_choice(fields, "size", _SIZES)),
        n_frames=integer(fields, "n_frames"),
        outputs=read_output_count(fields, "nsamples"),
        style=read_choice(fields, "style_id", _STYLES),
        shots=shots,
        image=_first_frame(read_inpaint_items(fields)),
        target=None if target is None else read_remix_target(target, "remix_target_id"),
        characters=read_characters(fields.get("cameo_ids"), "cameo_ids"),
    )
    if body.target and (body.image or body.shots):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "A remix changes a video by words; it has neither pictures nor shots.",
            param="remix_target_id",
        )
    return body


def _first_frame(items: list[Fields]) -> Source | None:
    if not items:
        return None
    if len(items) > 1:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"A video starts from one picture, its first frame, not from {len(items)}.",
            param="inpaint_items",
        )
    kind = text(items[0], "kind") or "upload"
    if kind not in _IMAGE_ID_FIELDS:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"A picture of the kind '{kind[:40]}' cannot be used here.",
            param="inpaint_items[0].kind",
            hint=f"Supported values are: {', '.join(_IMAGE_ID_FIELDS)}.",
        )
    name = _IMAGE_ID_FIELDS[kind]
    param = f"inpaint_items[0].{name}"
    if items[0].get(name) in (None, ""):
        raise missing(param, f"It is the id of what the kind '{kind}' says.")
    return read_image_source(items[0][name], param)


def _object(value: Value, param: str) -> Fields:
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value
