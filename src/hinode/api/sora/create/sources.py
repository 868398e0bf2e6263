"""Resolves the ids of uploads, generations and characters in creates."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hinode.api.image_inputs import ImageFile, ImageInput, ImageOutput
from hinode.api.input_loader import InputLoader
from hinode.api.sora.error_params import error_param
from hinode.api.sora.ids import (
    POINTER_SCHEME,
    is_generation_id,
    parse_character_id,
    parse_output,
    parse_upload_id,
)
from hinode.core.drafts.types import OutputPosition
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import HEAD_BYTES
from hinode.kit.spool import Spooled
from hinode.media.image_header import read_size, sniff
from hinode.media.size import Orientation, Size


def image_input(name: str, param: str) -> ImageInput:
    """Return the image that an id names: an upload's (``media_…``, ``file_…``) or a ``gen_…``'s.

    Raises :class:`HinodeError`.
    """
    name = name.removeprefix(POINTER_SCHEME)
    if is_generation_id(name):
        place = require_output(name, param)
        return ImageOutput(place.job_id, place.output, param)
    file_id = parse_upload_id(name)
    if file_id is None:
        raise HinodeError(
            ErrorCode.FILE_NOT_FOUND,
            "There is no such upload in this account.",
            param=param,
            hint="Its id starts with 'media_' or 'file_'.",
        )
    return ImageFile(file_id, param)


async def load_images(loader: InputLoader, images: Sequence[ImageInput]) -> list[Spooled]:
    """Return the contents of images. Raises :class:`HinodeError` that names the field."""
    loaded = []
    for image in images:
        with error_param(image.name):
            (content,) = await loader.load([image])
            if sniff(content.head(HEAD_BYTES)) is None:
                raise HinodeError(ErrorCode.UNSUPPORTED_VALUE, "This upload is no image.")
        loaded.append(content)
    return loaded


def require_output(name: str, param: str) -> OutputPosition:
    """Return the output that the id of an own generation or task names.

    Raises :class:`HinodeError`.
    """
    place = parse_output(name)
    if place is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such generation in this account.", param=param
        )
    return place


def require_characters(names: Sequence[str], param: str) -> tuple[UUID, ...]:
    """Return the characters that ids name. Raises :class:`HinodeError`."""
    found = []
    for index, name in enumerate(names):
        character = parse_character_id(name)
        if character is None:
            raise HinodeError(
                ErrorCode.CHARACTER_NOT_FOUND,
                "There is no such character.",
                param=f"{param}[{index}]",
                hint="Its id starts with 'ch_'.",
            )
        found.append(character)
    return tuple(found)


def orientation_of(image: Spooled) -> Orientation | None:
    """Return the orientation of a stored image; None if it is no image."""
    header = read_size(image.read())
    return Size(header.width, header.height).orientation if header else None
