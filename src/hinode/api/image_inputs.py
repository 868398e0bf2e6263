"""Image fields of requests: a file part, a URL, or the id of an uploaded file or an output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, PlainValidator, ValidationInfo, WithJsonSchema

from hinode.api.data_urls import decode_bare_base64, decode_data_url
from hinode.api.values import Upload, Value, wrong_type
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.rules import not_found
from hinode.kit.ids import decode_id
from hinode.kit.spool import Spooled

FILE_PREFIX = "file-"
_NOT_CHOSEN = Upload(Spooled.of(b""))  # browsers send an empty part for a file input without a file
_KEYS = ("image_url", "url", "b64_json", "file_id")
IMAGE_MEMBERS = frozenset((*_KEYS, "type", "detail"))
"""The members of an image that is an object; the last two are those of chats, without effect."""
FIRST_FRAME_NAMES = (
    "first_frame", "first_frame_image", "first_frame_url", "reference_image", "input_image", "file",
)  # fmt: skip
"""Names by which clients of other servers send the first frame, besides those of an image."""
_EXPECTED = "a file, a URL, or an object with 'image_url' or 'file_id'"


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An image sent in the request; ``name`` is the request's field, for errors."""

    content: Spooled
    name: str


@dataclass(frozen=True, slots=True)
class ImageUrl:
    """The URL of an image to fetch; ``name`` is the request's field."""

    url: str
    name: str


@dataclass(frozen=True, slots=True)
class ImageFile:
    """The id of an uploaded file; ``name`` is the request's field."""

    file_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ImageOutput:
    """An output of a job: its image, or the thumbnail of its video."""

    job_id: UUID
    output: int
    name: str


ImageInput: TypeAlias = ImageBytes | ImageUrl | ImageFile | ImageOutput


def read_images(value: Value, name: str) -> list[ImageInput]:
    """Parse the value of an image field: a file, an object, a URL, or a list of these.

    Raises :class:`hinode.api.request_errors.RequestError` for a wrong type and :class:`HinodeError`
    for a wrong value.
    """
    values = value if isinstance(value, list) else [value]
    return [_read(one, name) for one in values if one not in (None, "", _NOT_CHOSEN)]


def image_identity(image: ImageInput | None) -> list[str] | None:
    """Return the image's part of an idempotency fingerprint: its SHA-256, URL or file id."""
    match image:
        case None:
            return None
        case ImageUrl(url):
            return ["url", url]
        case ImageFile(file_id):
            return ["file", file_id.hex]
        case ImageOutput(job_id, output):
            return ["output", job_id.hex, str(output)]
        case ImageBytes(content):
            return ["sha256", content.digest]


def _validated(value: Value, info: ValidationInfo) -> tuple[ImageInput, ...]:
    return tuple(read_images(value, info.field_name or ""))


def at_most(most: int) -> AfterValidator:
    """Return a validator that rejects more than ``most`` images in a field."""

    def check(images: tuple[ImageInput, ...], info: ValidationInfo) -> tuple[ImageInput, ...]:
        if len(images) <= most:
            return images
        raise too_many_images(info.field_name or "", most, len(images))

    return AfterValidator(check)


def too_many_images(name: str, most: int, given: int) -> HinodeError:
    """Return the error for a field with more than ``most`` images."""
    noun = "picture" if most == 1 else "pictures"
    message = f"'{name}' takes at most {most} {noun} here, not {given}."
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=name)


_BINARY = {"type": "string", "format": "binary"}
_JSON: list[dict[str, Any]] = [
    {
        "type": "object",
        "description": "An image by its URL.",
        "properties": {
            "image_url": {
                "type": "string",
                "description": "URL of the image: `https://…`, `http://…` or "
                "`data:image/png;base64,…`.",
            }
        },
        "required": ["image_url"],
        "additionalProperties": False,
    },
    {
        "type": "object",
        "description": "An image uploaded to `/v1/files`.",
        "properties": {"file_id": {"type": "string", "description": "Id of the file, `file-…`."}},
        "required": ["file_id"],
        "additionalProperties": False,
    },
    {"type": "string", "description": "The URL, or the base64 of the image, without an object."},
]

ImageInputs = Annotated[
    tuple[ImageInput, ...],
    PlainValidator(_validated),
    WithJsonSchema({"anyOf": _JSON, "x-form": _BINARY}),
]
"""The type of a field with one or more images; ``x-form`` is its schema in forms."""

ImageInputList = Annotated[
    tuple[ImageInput, ...],
    PlainValidator(_validated),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"anyOf": _JSON},
            "x-form": _BINARY,
        }
    ),
]
"""As :data:`ImageInputs`, documented as a list."""


def _read(value: Value, name: str) -> ImageInput:
    if isinstance(value, Upload):
        return ImageBytes(value.content, name)
    if isinstance(value, str):
        return _from_url(value, name)
    if isinstance(value, dict):
        return _from_object(value, name)
    raise wrong_type(name, _EXPECTED, value)


def _from_object(value: dict[str, Value], name: str) -> ImageInput:
    given = [key for key in _KEYS if value.get(key) not in (None, "")]
    if len(given) != 1:
        raise _bad(f"'{name}' must have exactly one of 'image_url' and 'file_id'.", name)
    (key,) = given
    text = value[key]
    if key == "image_url" and isinstance(text, dict):  # as in messages of chats
        text = text.get("url")
    if not isinstance(text, str):
        raise wrong_type(f"{name}.{key}", "a string", value[key])
    return _from_file(text, name) if key == "file_id" else _from_url(text, name)


def _from_file(text: str, name: str) -> ImageInput:
    file_id = decode_id(FILE_PREFIX, text)
    if file_id is None:
        raise not_found()
    return ImageFile(file_id, name)


def _from_url(text: str, name: str) -> ImageInput:
    scheme = text[:8].lower()
    if scheme.startswith("data:"):
        return ImageBytes(Spooled.of(decode_data_url(text, name)), name)
    if scheme.startswith(("http://", "https://")):
        return ImageUrl(text, name)
    content = decode_bare_base64(text)
    if content is None:
        raise _bad(
            f"'{name}' must be an image, its base64, or a URL that starts with https://, http:// "
            "or data:.",
            name,
        )
    return ImageBytes(Spooled.of(content), name)


def _bad(message: str, name: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=name)
