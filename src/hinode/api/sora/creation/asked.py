"""Reading the bodies that ask for a video. No I/O.

Fields that change nothing here (titles, captions, the ids of what is rolled again, replacements of
characters) are let pass, whatever they hold; null is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from hinode.api.sora.creation.sources import (
    Source,
    read_characters,
    read_generation,
    read_picture,
    read_target,
)
from hinode.api.sora.creation.timeline import read_timeline
from hinode.api.values import Fields, Value, integer, missing, text, wrong_type
from hinode.media.kinds import Style
from hinode.studio.catalog.types import Orientation
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.requests import ShotWish

DEFAULT_MODEL = "sy_8"
FRAMES_PER_SECOND = 30
"""What `n_frames` counts in, as clients of this backend do; a model may render at another rate."""

EXTENSION_SECONDS = (10, 15)
MOST_OUTPUTS = 4

_LARGE = "large"
# `medium` is in type definitions of clients, but no figures of it are known: the usual size.
_SIZES = {one: one == _LARGE for one in ("small", "medium", _LARGE)}
_ORIENTATIONS = {one.value: one for one in Orientation}
# `vintage` stands in one client's list, and in no other place; `retro` looks like it.
_STYLES: Mapping[str, Style] = {**{one.value: one for one in Style}, "vintage": Style.RETRO}
_KINDS = {"upload": "upload_id", "file": "file_id", "generation": "generation_id"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a video; None means that nothing was said.

    ``picture`` is its first frame, ``target`` the video that it changes.
    """

    prompt: str
    model: str = DEFAULT_MODEL
    orientation: Orientation | None = None
    large: bool = False
    n_frames: int | None = None
    outputs: int = 1
    style: Style | None = None
    shots: tuple[ShotWish, ...] = ()
    picture: Source | None = None
    target: Source | None = None
    characters: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedExtension:
    """A request for a video that goes on; ``seconds`` is the length of the new part."""

    prompt: str
    video: Source
    seconds: int


def read_asked(fields: Fields) -> Asked:
    """Read the body of `nf/create` or `nf/bulk_create`.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`, as all readers here.
    """
    return _read(fields, read_prompt(fields), ())


def read_storyboard(fields: Fields) -> Asked:
    """Read the body of `nf/create/storyboard`: as the others, with shots in its prompt."""
    timeline = read_timeline(read_prompt(fields))
    return _read(fields, timeline.prompt, timeline.shots)


def read_extension(fields: Fields, generation: str) -> AskedExtension:
    """Read the body of `long_video_extension`; prompts are never rewritten, asked for or not."""
    prompt = text(fields, "user_prompt")
    if prompt is None:
        raise missing("user_prompt", "Say in a sentence what happens next.")
    seconds = integer(fields, "extension_duration_s")
    if seconds not in EXTENSION_SECONDS:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'extension_duration_s' is 10 or 15, not {seconds}.",
            param="extension_duration_s",
        )
    return AskedExtension(prompt, read_generation(generation, "generation_id"), seconds)


def read_prompt(fields: Fields) -> str:
    """Read the prompt."""
    prompt = text(fields, "prompt")
    if prompt is None:
        raise missing("prompt", "Say in a sentence what is to be seen.")
    return prompt


def one_of(fields: Fields, name: str, known: Mapping[str, T]) -> T | None:
    """Read a text that is one of several, in any case of its letters."""
    given = text(fields, name)
    if given is None:
        return None
    if given.strip().lower() not in known:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{given[:40]}' is no '{name}'.",
            param=name,
            hint=f"Supported values are: {', '.join(known)}.",
        )
    return known[given.strip().lower()]


def outputs_of(fields: Fields, name: str) -> int:
    """Read how many outputs are wanted; one by default."""
    count = integer(fields, name)
    if count is None:
        return 1
    if not 1 <= count <= MOST_OUTPUTS:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' is 1 to {MOST_OUTPUTS}, not {count}.",
            param=name,
        )
    return count


def items_of(fields: Fields) -> list[Fields]:
    """Read the objects of `inpaint_items`."""
    items = fields.get("inpaint_items")
    if items is None:
        return []
    if not isinstance(items, list):
        raise wrong_type("inpaint_items", "an array", items)
    return [_object(one, f"inpaint_items[{place}]") for place, one in enumerate(items)]


def _read(fields: Fields, prompt: str, shots: tuple[ShotWish, ...]) -> Asked:
    one_of(fields, "kind", {"video": True})
    target = fields.get("remix_target_id") or None
    asked = Asked(
        prompt=prompt,
        model=text(fields, "model") or DEFAULT_MODEL,
        orientation=one_of(fields, "orientation", _ORIENTATIONS),
        large=bool(one_of(fields, "size", _SIZES)),
        n_frames=integer(fields, "n_frames"),
        outputs=outputs_of(fields, "nsamples"),
        style=one_of(fields, "style_id", _STYLES),
        shots=shots,
        picture=_first_frame(items_of(fields)),
        target=None if target is None else read_target(target, "remix_target_id"),
        characters=read_characters(fields.get("cameo_ids"), "cameo_ids"),
    )
    if asked.target and (asked.picture or asked.shots):
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            "A remix changes a video by words; it has neither pictures nor shots.",
            param="remix_target_id",
        )
    return asked


def _first_frame(items: list[Fields]) -> Source | None:
    if not items:
        return None
    if len(items) > 1:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"A video starts from one picture, its first frame, not from {len(items)}.",
            param="inpaint_items",
        )
    kind = text(items[0], "kind") or "upload"
    if kind not in _KINDS:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"A picture of the kind '{kind[:40]}' cannot be used here.",
            param="inpaint_items[0].kind",
            hint=f"Supported values are: {', '.join(_KINDS)}.",
        )
    name = _KINDS[kind]
    param = f"inpaint_items[0].{name}"
    if items[0].get(name) in (None, ""):
        raise missing(param, f"It is the id of what the kind '{kind}' says.")
    return read_picture(items[0][name], param)


def _object(value: Value, param: str) -> Fields:
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value
