"""Reading ``input_reference`` in every form that clients send it: the first frame of a video."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TypeAlias

from hinode.api.values import Fields, Upload, Value, wrong_type
from hinode.kit.fetch import FetchError, FetchPolicy, fetch
from hinode.studio.errors import ErrorCode, StudioError

NAME = "input_reference"
_EXPECTED = "a file, a URL, or an object with 'image_url'"


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """A picture that came with the request."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """A picture to be fetched from elsewhere."""

    url: str


Reference: TypeAlias = ImageBytes | ImageUrl


def read_reference(fields: Fields) -> Reference | None:
    """Read a file, a list of one file, an object, or a bare URL; absent is None.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`.
    """
    return _read(fields.get(NAME))


async def load_reference(reference: Reference | None, policy: FetchPolicy) -> bytes | None:
    """Return the picture's bytes, fetched if need be. Raises :class:`StudioError`."""
    if not isinstance(reference, ImageUrl):
        return reference.data if reference else None
    try:
        return (await fetch(reference.url, policy=policy)).body
    except FetchError as error:
        raise StudioError(ErrorCode.URL_REFUSED, error.message, param=NAME) from error


def _read(value: Value) -> Reference | None:
    if value is None or value == "":
        return None
    if isinstance(value, Upload):
        return ImageBytes(value.data)
    if isinstance(value, str):
        return _from_url(value)
    if isinstance(value, list):
        return _from_list(value)
    if isinstance(value, dict):
        return _from_object(value)
    raise wrong_type(NAME, _EXPECTED, value)


def _from_list(values: list[Value]) -> Reference | None:
    if len(values) > 1:
        raise _bad(
            f"'{NAME}' takes one picture, the first frame, not {len(values)}.",
            ErrorCode.UNSUPPORTED_VALUE,
        )
    if values and isinstance(values[0], list):
        raise wrong_type(NAME, _EXPECTED, values[0])
    return _read(values[0]) if values else None


def _from_object(value: dict[str, Value]) -> Reference:
    given = [name for name in ("image_url", "file_id") if value.get(name) not in (None, "")]
    if len(given) != 1:
        raise _bad(f"'{NAME}' has exactly one of 'image_url' and 'file_id'.")
    if given == ["file_id"]:
        raise _bad(
            "This server keeps no files that 'file_id' could name.",
            ErrorCode.UNSUPPORTED_VALUE,
            hint="Send the picture itself, or its 'image_url'.",
        )
    url = value["image_url"]
    if not isinstance(url, str):
        raise wrong_type(f"{NAME}.image_url", "a string", url)
    return _from_url(url)


def _from_url(text: str) -> Reference:
    scheme = text[:8].lower()
    if scheme.startswith("data:"):
        return ImageBytes(_data_url(text))
    if scheme.startswith(("http://", "https://")):
        return ImageUrl(text)
    raise _bad(f"'{NAME}' is a picture, or its URL that starts with https://, http:// or data:.")


def _data_url(text: str) -> bytes:
    """Decode ``data:image/png;base64,…``; the type that it claims is not looked at."""
    head, comma, payload = text.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise _bad("A data URL must be base64: 'data:image/png;base64,…'.")
    try:
        return base64.b64decode("".join(payload.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _bad("The data URL is not valid base64.") from None


def _bad(message: str, code: ErrorCode = ErrorCode.INVALID_VALUE, *, hint: str = "") -> StudioError:
    return StudioError(code, message, param=NAME, hint=hint)
