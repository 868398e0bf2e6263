"""Reading and keeping uploaded pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hinode.api.values import Fields, Upload, missing, text, wrong_type
from hinode.core.auth.types import Caller
from hinode.core.catalog.types import Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import MAX_NAME_LENGTH
from hinode.core.files.types import File, NewFile
from hinode.core.files.uploads import FileService
from hinode.media.image_header import read_header, sniff

UPLOAD_LIFETIME = timedelta(days=30)
"""How long an upload stays: long enough to be used, and nobody deletes one."""

_PURPOSE = "vision"


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """An uploaded picture, and its size in pixels as it is stored."""

    file: File
    size: Size


def read_upload(fields: Fields) -> NewFile:
    """Read the parts of an upload, which come in any order; their types prove nothing.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`.
    """
    given = fields.get("file")
    if given in (None, ""):
        raise missing("file", "Send the picture as a part of multipart/form-data.")
    if not isinstance(given, Upload):
        raise wrong_type("file", "a file", given)
    if sniff(given.data) is None:
        raise HinodeError(
            ErrorCode.INVALID_IMAGE,
            "The file is no picture, whatever its name says.",
            param="file",
            hint="Send a JPEG, PNG or WebP picture.",
        )
    name = _basename(text(fields, "file_name") or given.name)
    return NewFile(given.data, name, _PURPOSE, int(UPLOAD_LIFETIME.total_seconds()))


def store_upload(files: FileService, caller: Caller, new: NewFile) -> StoredUpload:
    """Check a picture to its end and store it. Raises :class:`HinodeError`."""
    file = files.create(caller, new)
    header = read_header(new.data)
    return StoredUpload(file, Size(header.width, header.height) if header else Size(0, 0))


def _basename(name: str) -> str:
    """Drop folders, and what would break a line or a header."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip()[-MAX_NAME_LENGTH:] or "image"
