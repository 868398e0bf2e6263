"""Resolves the ids of uploads, generations and characters in creates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.error_params import error_param
from hinode.api.sora.ids import (
    POINTER_SCHEME,
    is_generation_id,
    parse_character_id,
    parse_output,
    parse_upload_id,
)
from hinode.core.auth.types import Caller
from hinode.core.catalog.types import Orientation, Size
from hinode.core.drafts.types import OutputPosition
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import not_found
from hinode.core.files.uploads import FileService
from hinode.core.jobs.service import JobService
from hinode.media.image_header import read_header
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage import ObjectMissing


@dataclass(frozen=True, slots=True)
class ImageLoader:
    """Loads images of an account. Raises :class:`HinodeError` that names the field."""

    jobs: JobService
    files: FileService

    def load(self, caller: Caller, name: str, param: str) -> bytes:
        """Return an upload (``media_…``, ``file_…``, its pointer) or the image of a ``gen_…``."""
        name = name.removeprefix(POINTER_SCHEME)
        with error_param(param):
            try:
                if is_generation_id(name):
                    return self._generated(caller, require_output(name, param))
                return self._uploaded(caller, name)
            except ObjectMissing:
                raise not_found() from None

    def _uploaded(self, caller: Caller, name: str) -> bytes:
        file_id = parse_upload_id(name)
        if file_id is None:
            raise HinodeError(
                ErrorCode.FILE_NOT_FOUND,
                "There is no such upload in this account.",
                hint="Its id starts with 'media_' or 'file_'.",
            )
        file = self.files.get(caller, file_id)
        if not file.content_type.startswith("image/"):
            raise HinodeError(ErrorCode.UNSUPPORTED_VALUE, "This upload is no image.")
        return self.files.store.get_bytes(file.key)

    def _generated(self, caller: Caller, place: OutputPosition) -> bytes:
        """Return a generated image, or the thumbnail of a video."""
        job = self.jobs.job(caller, place.job_id).job
        role = ArtifactRole.IMAGE if job.kind is MediaKind.IMAGE else ArtifactRole.THUMBNAIL
        asset = self.jobs.content(caller, job.id, role, place.output)
        return self.jobs.store.get_bytes(asset.key)


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


def orientation_of(image: bytes) -> Orientation | None:
    """Return the orientation of a stored image; None if it is no image."""
    header = read_header(image)
    return Size(header.width, header.height).orientation if header else None
