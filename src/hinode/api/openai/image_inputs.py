"""Reading pictures in every form that clients send them: files, URLs, ids of uploaded files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from hinode.api.data_urls import decode_data_url
from hinode.api.values import Fields, Upload, Value, wrong_type
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import not_found
from hinode.kit.ids import unspell

FIRST_FRAME = "input_reference"
FILE_PREFIX = "file-"
_NOT_CHOSEN = Upload(b"")  # what a browser's form sends for a file that nobody chose
_EXPECTED = "a file, a URL, or an object with 'image_url' or 'file_id'"


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """A picture that came with the request."""

    data: bytes
    name: str = FIRST_FRAME


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """A picture to be fetched from elsewhere; ``name`` is the field that it came in."""

    url: str
    name: str = FIRST_FRAME


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture that was uploaded before."""

    file_id: UUID
    name: str = FIRST_FRAME


Reference: TypeAlias = ImageBytes | ImageUrl | ImageFile


def read_reference(fields: Fields) -> Reference | None:
    """Read the first frame of a video; absent is None.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    found = read_pictures(fields.get(FIRST_FRAME), FIRST_FRAME)
    if len(found) > 1:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{FIRST_FRAME}' takes one picture, the first frame, not {len(found)}.",
            param=FIRST_FRAME,
        )
    return found[0] if found else None


def read_pictures(value: Value, name: str) -> list[Reference]:
    """Read a file, an object, a bare URL, or a list of these; absent and empty are none.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    values = value if isinstance(value, list) else [value]
    return [_read(one, name) for one in values if one not in (None, "", _NOT_CHOSEN)]


def mark_of(reference: Reference | None) -> list[str] | None:
    """Return what makes a picture the same in two requests, as JSON knows it.

    A picture counts by its bytes, a URL by its spelling.
    """
    match reference:
        case None:
            return None
        case ImageUrl(url):
            return ["url", url]
        case ImageFile(file_id):
            return ["file", file_id.hex]
        case ImageBytes(data):
            return ["sha256", hashlib.sha256(data).hexdigest()]


def _read(value: Value, name: str) -> Reference:
    if isinstance(value, Upload):
        return ImageBytes(value.data, name)
    if isinstance(value, str):
        return _from_url(value, name)
    if isinstance(value, dict):
        return _from_object(value, name)
    raise wrong_type(name, _EXPECTED, value)


def _from_object(value: dict[str, Value], name: str) -> Reference:
    given = [key for key in ("image_url", "file_id") if value.get(key) not in (None, "")]
    if len(given) != 1:
        raise _bad(f"'{name}' has exactly one of 'image_url' and 'file_id'.", name)
    text = value[given[0]]
    if not isinstance(text, str):
        raise wrong_type(f"{name}.{given[0]}", "a string", text)
    return _from_url(text, name) if given == ["image_url"] else _from_file(text, name)


def _from_file(text: str, name: str) -> Reference:
    file_id = unspell(FILE_PREFIX, text)
    if file_id is None:
        raise not_found()
    return ImageFile(file_id, name)


def _from_url(text: str, name: str) -> Reference:
    scheme = text[:8].lower()
    if scheme.startswith("data:"):
        return ImageBytes(decode_data_url(text, name), name)
    if scheme.startswith(("http://", "https://")):
        return ImageUrl(text, name)
    raise _bad(
        f"'{name}' is a picture, or its URL that starts with https://, http:// or data:.", name
    )


def _bad(message: str, name: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=name)
