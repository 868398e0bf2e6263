"""Reading the body of `video_gen`, which asks for pictures. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.sora.creation.asked import items_of, one_of, outputs_of, read_prompt
from hinode.api.sora.creation.sources import Source, read_picture
from hinode.api.values import Fields, integer, missing
from hinode.studio.catalog.types import Size
from hinode.studio.errors import ErrorCode, StudioError

DEFAULT_SIDE = 360
LONGEST_SIDE = 4_096
MOST_REFERENCES = 4

_OPERATIONS = {"simple_compose": False, "remix": True}
_PICTURES = {"image_gen": True}
_UPLOAD, _GENERATION = "upload_media_id", "generation_id"


@dataclass(frozen=True, slots=True)
class AskedPictures:
    """A request for pictures: ``size`` says their shape, ``sources`` what they are made from."""

    prompt: str
    size: Size
    outputs: int
    sources: tuple[Source, ...]


def read_pictures(fields: Fields) -> AskedPictures:
    """Read a request for pictures.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`.
    """
    one_of(fields, "type", _PICTURES)
    sources = _sources(fields)
    if one_of(fields, "operation", _OPERATIONS) and not sources:
        raise missing("inpaint_items", "A remix is made from a picture: name an upload.")
    if integer(fields, "n_frames") not in (None, 1):
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            "A picture has one frame.",
            param="n_frames",
            hint="Videos are made at nf/create.",
        )
    size = Size(_side(fields, "width"), _side(fields, "height"))
    outputs = outputs_of(fields, "n_variants")
    return AskedPictures(read_prompt(fields), size, outputs, sources)


def _side(fields: Fields, name: str) -> int:
    side = integer(fields, name)
    if side is None:
        return DEFAULT_SIDE
    if not 1 <= side <= LONGEST_SIDE:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{name}' is 1 to {LONGEST_SIDE}, not {side}.",
            param=name,
        )
    return side


def _sources(fields: Fields) -> tuple[Source, ...]:
    items = items_of(fields)
    if len(items) > MOST_REFERENCES:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"Pictures are made from at most {MOST_REFERENCES} others, not {len(items)}.",
            param="inpaint_items",
        )
    return tuple(_source(item, place) for place, item in enumerate(items))


def _source(item: Fields, place: int) -> Source:
    name = _GENERATION if item.get(_GENERATION) and not item.get(_UPLOAD) else _UPLOAD
    param = f"inpaint_items[{place}].{name}"
    if item.get(name) in (None, ""):
        raise missing(param, "It is the id of an upload.")
    return read_picture(item[name], param)
