"""How pictures are wanted: their encoding, and the way in which they are handed over.

Names, values and ranges are those of the official SDK's ``ImageGenerateParams``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from hinode.api.values import Fields, boolean, integer, text
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import OutputFormat, Style

T = TypeVar("T")

MOST_PARTIALS = 3
BEST_COMPRESSION = 100

# OpenAI's own names answer with the pictures themselves, all others with links.
_INLINE_MODELS = re.compile(r"(gpt-image-\d|chatgpt-image)")
_FORMATS = {one.value: one for one in OutputFormat}
_RESPONSES = {"url": False, "b64_json": True}
_QUALITIES = dict.fromkeys(("auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"))
_MODERATIONS = dict.fromkeys(("auto", "low"))
_FIDELITIES = dict.fromkeys(("low", "high"))
# The ten looks are ours; OpenAI's two are taken and change nothing.
_STYLES: Mapping[str, Style | None] = {
    "vivid": None,
    "natural": None,
    **{one.value: one for one in Style},
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture file is like; ``quality`` of its compression is 0 to 100."""

    picture_format: OutputFormat
    quality: int
    style: Style | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How pictures are handed over: within the answer or as links, at the end or as a stream.

    ``partials`` is how many unfinished states a stream shows before the picture, 0 to 3.
    """

    inline: bool
    stream: bool
    partials: int


def read_look(fields: Fields) -> Look:
    """Read how the file is wanted. Raises :class:`hinode.api.request_errors.RequestError` and
    `HinodeError`.

    ``quality``, ``moderation`` and ``input_fidelity`` are checked and change nothing: there is one
    quality here, the best.
    """
    _refuse_transparency(fields)
    _one_of(fields, "quality", _QUALITIES)
    _one_of(fields, "moderation", _MODERATIONS)
    _one_of(fields, "input_fidelity", _FIDELITIES)
    picture_format = _one_of(fields, "output_format", _FORMATS) or OutputFormat.PNG
    quality = integer(fields, "output_compression")
    quality = BEST_COMPRESSION if quality is None else quality
    if not 0 <= quality <= BEST_COMPRESSION:
        raise _unsupported(
            "output_compression", f"'output_compression' is 0 to {BEST_COMPRESSION}, not {quality}."
        )
    if picture_format is OutputFormat.PNG and quality != BEST_COMPRESSION:
        raise _unsupported(
            "output_compression",
            "PNG is not compressed with loss, so 'output_compression' is 100 for it.",
            hint="Ask for the 'output_format' 'jpeg' or 'webp'.",
        )
    return Look(picture_format, quality, _one_of(fields, "style", _STYLES))


def read_delivery(fields: Fields) -> Delivery:
    """Read how the answer is wanted. Raises like :func:`read_look`."""
    inline = _one_of(fields, "response_format", _RESPONSES)
    stream = boolean(fields, "stream") or False
    if stream and inline is False:
        raise _unsupported(
            "response_format",
            "A stream carries the pictures themselves, not links.",
            hint="Leave 'response_format' out, or 'stream'.",
        )
    if inline is None:
        inline = _INLINE_MODELS.match(text(fields, "model") or "") is not None
    partials = integer(fields, "partial_images") or 0
    if not 0 <= partials <= MOST_PARTIALS:
        raise _unsupported(
            "partial_images", f"'partial_images' is 0 to {MOST_PARTIALS}, not {partials}."
        )
    return Delivery(inline, stream, partials if stream else 0)


def _refuse_transparency(fields: Fields) -> None:
    background = text(fields, "background")
    if background == "transparent":
        raise _unsupported(
            "background",
            "The models here draw no transparent background.",
            hint="Supported values are: 'opaque', 'auto'.",
        )
    _one_of(fields, "background", dict.fromkeys(("opaque", "auto")))


def _one_of(fields: Fields, name: str, allowed: Mapping[str, T]) -> T | None:
    given = text(fields, name)
    if given is None:
        return None
    if given not in allowed:
        offered = ", ".join(f"'{one}'" for one in allowed)
        raise _unsupported(
            name,
            f"'{name}' cannot be '{given[:40]}'.",
            hint=f"Supported values are: {offered}.",
        )
    return allowed[given]


def _unsupported(param: str, message: str, *, hint: str = "") -> HinodeError:
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)
