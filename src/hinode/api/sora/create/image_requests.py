"""Reading the body of `video_gen`, which asks for pictures. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.sora.create.requests import (
    read_choice,
    read_inpaint_items,
    read_output_count,
    read_prompt,
)
from hinode.api.sora.create.sources import Source, read_image_source
from hinode.api.values import Fields, integer, missing
from hinode.core.catalog.types import Size
from hinode.core.errors import ErrorCode, HinodeError

DEFAULT_SIDE = 360
MAX_SIDE = 4_096
MAX_REFERENCES = 4

_OPERATIONS = {"simple_compose": False, "remix": True}
_TYPES = {"image_gen": True}
_UPLOAD, _GENERATION = "upload_media_id", "generation_id"


@dataclass(frozen=True, slots=True)
class SoraImageRequest:
    """A request for pictures: ``size`` says their shape, ``sources`` what they are made from."""

    prompt: str
    size: Size
    outputs: int
    sources: tuple[Source, ...]


def read_image_request(fields: Fields) -> SoraImageRequest:
    """Read a request for pictures.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    read_choice(fields, "type", _TYPES)
    sources = _sources(fields)
    if read_choice(fields, "operation", _OPERATIONS) and not sources:
        raise missing("inpaint_items", "A remix is made from a picture: name an upload.")
    if integer(fields, "n_frames") not in (None, 1):
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            "A picture has one frame.",
            param="n_frames",
            hint="Videos are made at nf/create.",
        )
    size = Size(_side(fields, "width"), _side(fields, "height"))
    outputs = read_output_count(fields, "n_variants")
    return SoraImageRequest(read_prompt(fields), size, outputs, sources)


def _side(fields: Fields, name: str) -> int:
    side = integer(fields, name)
    if side is None:
        return DEFAULT_SIDE
    if not 1 <= side <= MAX_SIDE:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' is 1 to {MAX_SIDE}, not {side}.",
            param=name,
        )
    return side


def _sources(fields: Fields) -> tuple[Source, ...]:
    items = read_inpaint_items(fields)
    if len(items) > MAX_REFERENCES:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"Pictures are made from at most {MAX_REFERENCES} others, not {len(items)}.",
            param="inpaint_items",
        )
    return tuple(_source(item, index) for index, item in enumerate(items))


def _source(item: Fields, index: int) -> Source:
    name = _GENERATION if item.get(_GENERATION) and not item.get(_UPLOAD) else _UPLOAD
    param = f"inpaint_items[{index}].{name}"
    if item.get(name) in (None, ""):
        raise missing(param, "It is the id of an upload.")
    return read_image_source(item[name], param)
