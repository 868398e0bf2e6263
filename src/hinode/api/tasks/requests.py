"""Reading the fields of ``POST /v1/videos/generations``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import TypeVar

from hinode.api.json_text import dump
from hinode.api.values import Fields, Value, integer, text, wrong_type
from hinode.core.catalog.service import GenerationParams
from hinode.core.catalog.types import Model, Orientation
from hinode.core.errors import ErrorCode, HinodeError

T = TypeVar("T")

LONGEST_PROMPT = 5_000
IMAGE_URLS = "image_urls"
_RATIOS: Mapping[str, Orientation] = {
    "16:9": Orientation.LANDSCAPE,
    "9:16": Orientation.PORTRAIT,
}


@dataclass(frozen=True, slots=True)
class Creation:
    """A request for a video; its picture is not fetched, its model not looked up yet."""

    model: str
    prompt: str
    duration: int
    aspect_ratio: str
    image_url: str | None
    callback_url: str | None

    def wish(self, model: Model) -> GenerationParams:
        """Return what is asked of the model. Raises :class:`HinodeError` for a shape it lacks."""
        shape = _RATIOS[self.aspect_ratio]
        size = next((one for one in model.sizes if one.orientation is shape), None)
        if size is None:
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"'{self.aspect_ratio}' is not an aspect ratio of {model.id}.",
                param="aspect_ratio",
            )
        return GenerationParams(model=self.model, size=str(size), duration=str(self.duration))

    def fingerprint(self) -> str:
        """Return a SHA-256 that requests share only when they ask for the same thing."""
        return hashlib.sha256(dump(["tasks.create", *astuple(self)])).hexdigest()


def read_creation(fields: Fields) -> Creation:
    """Check the types of the fields we know; fields we do not know are let pass.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    model = _required(text(fields, "model"), "model")
    given = _required(fields.get("input") or None, "input")
    if not isinstance(given, dict):
        raise wrong_type("input", "an object", fields["input"])
    return Creation(
        model=model,
        prompt=_prompt(given),
        duration=_required(integer(given, "duration"), "duration"),
        aspect_ratio=_aspect_ratio(given),
        image_url=_image_url(given.get(IMAGE_URLS)),
        callback_url=text(fields, "callback_url"),
    )


def _prompt(given: Fields) -> str:
    prompt = _required(text(given, "prompt"), "prompt")
    if len(prompt) > LONGEST_PROMPT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'prompt' has {len(prompt)} characters; at most {LONGEST_PROMPT} are allowed.",
            param="prompt",
        )
    return prompt


def _aspect_ratio(given: Fields) -> str:
    ratio = _required(text(given, "aspect_ratio"), "aspect_ratio")
    if ratio not in _RATIOS:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'aspect_ratio' is '16:9' or '9:16', not '{ratio[:40]}'.",
            param="aspect_ratio",
        )
    return ratio


def _image_url(value: Value) -> str | None:
    values = [] if value in (None, "") else value
    if not isinstance(values, list):
        raise wrong_type(IMAGE_URLS, "an array", values)
    if len(values) > 1:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{IMAGE_URLS}' takes one picture, the first frame, not {len(values)}.",
            param=IMAGE_URLS,
        )
    if values and not isinstance(values[0], str):
        raise wrong_type(f"{IMAGE_URLS}[0]", "a string", values[0])
    return str(values[0]) if values else None


def _required(value: T | None, name: str) -> T:
    if value is None:
        raise HinodeError(ErrorCode.MISSING_VALUE, f"'{name}' is required.", param=name)
    return value
