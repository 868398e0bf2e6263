"""Fields of requests that ask for the size of a video, in the words of several APIs."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from hinode.api.parsing import Nullable, NullableInteger, RequestSchema
from hinode.api.values import Value, missing
from hinode.core.catalog.params import same_resolution
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Orientation, Size

_RATIO = re.compile(r"[1-9][0-9]{0,2}:[1-9][0-9]{0,2}")
_LINES = re.compile(r"([1-9][0-9]{2,3})p?", re.IGNORECASE)
_NAMED_LINES = {"2k": 1440, "4k": 2160}


def _checked_ratio(text: str) -> str:
    if _RATIO.fullmatch(text):
        return text
    raise _invalid("aspect_ratio", "WIDTH:HEIGHT, such as '16:9'", text)


def _parse_resolution(value: Value) -> Size | int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    lines = _LINES.fullmatch(text)
    found = int(lines[1]) if lines else _NAMED_LINES.get(text.lower()) or Size.parse(text)
    if found is None:
        raise _invalid("resolution", "'480p', '720p', '1080p' or the like", text)
    return found


def _invalid(name: str, rule: str, given: str) -> HinodeError:
    message = f"'{name}' must be {rule}, not '{given[:40]}'."
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=name)


Pixels = NullableInteger[Annotated[int, Field(ge=1, le=99_999)]]
AspectRatio = Nullable[Annotated[str, AfterValidator(_checked_ratio)]]
Resolution = Annotated[
    Size | int | None,
    BeforeValidator(_parse_resolution),
    WithJsonSchema({"type": "string", "examples": ["720p", "1080p"]}),
]


class ResolutionField(RequestSchema):
    """The resolution of a video."""

    resolution: Resolution = Field(
        default=None,
        description="Extension: short side (`480p`, `720p`, `1080p`, `4k`), which selects among "
        "the model's sizes.",
    )

    @property
    def lines(self) -> int | None:
        """The short side in pixels, unless the resolution is spelled as a size."""
        return self.resolution if isinstance(self.resolution, int) else None


class ShapeFields(ResolutionField):
    """The size of a video: in pixels, by its orientation, its aspect ratio or its resolution."""

    size: Nullable[str] = Field(
        default=None,
        description="Width and height in pixels. `GET /v1/models` lists the supported sizes; the "
        "first is the default.",
        examples=["1280x720"],
    )
    width: Pixels = Field(
        default=None, description="Extension: width in pixels, with `height` instead of `size`."
    )
    height: Pixels = Field(default=None, description="Extension: height in pixels.")
    orientation: Nullable[Literal["portrait", "landscape", "square"]] = Field(
        default=None,
        description="Extension: orientation instead of `size`; the model's first size of it is "
        "rendered.",
    )
    aspect_ratio: AspectRatio = Field(
        default=None,
        description="Extension: aspect ratio instead of `size`; the model's first size of its "
        "orientation is rendered.",
        examples=["16:9"],
    )

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        sizes, shapes = self._sizes(), self._shapes()
        for given in (sizes, shapes):
            _reject_different(given)
        for name, size in sizes.items():
            for other, shape in shapes.items():
                if size.orientation is not shape:
                    raise disagreement(name, other)
            if self.lines is not None and not same_resolution(size.short_side, self.lines):
                raise disagreement(name, "resolution")
        return self

    def shape_params(self) -> dict[str, Any]:
        """Return the members of generation parameters that this asks for."""
        size = next((str(one) for name, one in self._sizes().items() if name != "size"), None)
        return {
            "size": self.size or size,
            "orientation": next(iter(self._shapes().values()), None),
            "resolution": self.lines,
        }

    def _sizes(self) -> dict[str, Size]:
        given = {
            "width": size_of(self.width, self.height),
            "resolution": self.resolution if isinstance(self.resolution, Size) else None,
            "size": Size.parse(self.size) if self.size else None,
        }
        return {name: size for name, size in given.items() if size is not None}

    def _shapes(self) -> dict[str, Orientation]:
        given: dict[str, Orientation] = {}
        if self.aspect_ratio is not None:
            width, height = self.aspect_ratio.split(":")
            given["aspect_ratio"] = Size(int(width), int(height)).orientation
        if self.orientation is not None:
            given["orientation"] = Orientation(self.orientation)
        return given


def size_of(width: int | None, height: int | None) -> Size | None:
    """Return the size of two sides, None without. Raises :class:`HinodeError` for one alone."""
    if (width is None) != (height is None):
        raise missing("height" if height is None else "width", "Send both, or 'size'.")
    return Size(width, height) if width and height else None


def _reject_different(given: dict[str, Size] | dict[str, Orientation]) -> None:
    if len(set(given.values())) > 1:
        first, *others = given
        other = next(name for name in others if given[name] != given[first])
        raise disagreement(first, other)


def disagreement(one: str, other: str) -> HinodeError:
    """Return the error for two fields that ask for different shapes."""
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        f"'{one}' and '{other}' ask for different shapes.",
        param=one,
        hint="Send one of them.",
    )
