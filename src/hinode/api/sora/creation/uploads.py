"""Reading and keeping uploaded pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hinode.api.values import Fields, Upload, missing, text, wrong_type
from hinode.media.image_header import read_header, sniff
from hinode.studio.access.types import Caller
from hinode.studio.catalog.types import Size
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.files.service import LONGEST_NAME
from hinode.studio.files.types import File, NewFile
from hinode.studio.filing import Filing

KEPT = timedelta(days=30)
"""How long an upload stays: long enough to be used, and nobody deletes one."""

_PURPOSE = "vision"


@dataclass(frozen=True, slots=True)
class Kept:
    """An uploaded picture, and its size in pixels as it is stored."""

    file: File
    size: Size


def read_upload(fields: Fields) -> NewFile:
    """Read the parts of an upload, which come in any order; their types prove nothing.

    Raises :class:`hinode.api.refusals.Refusal` and :class:`StudioError`.
    """
    given = fields.get("file")
    if given in (None, ""):
        raise missing("file", "Send the picture as a part of multipart/form-data.")
    if not isinstance(given, Upload):
        raise wrong_type("file", "a file", given)
    if sniff(given.data) is None:
        raise StudioError(
            ErrorCode.INVALID_IMAGE,
            "The file is no picture, whatever its name says.",
            param="file",
            hint="Send a JPEG, PNG or WebP picture.",
        )
    name = _basename(text(fields, "file_name") or given.name)
    return NewFile(given.data, name, _PURPOSE, int(KEPT.total_seconds()))


def keep(filing: Filing, caller: Caller, new: NewFile) -> Kept:
    """Check a picture to its end and store it. Raises :class:`StudioError`."""
    file = filing.create(caller, new)
    header = read_header(new.data)
    return Kept(file, Size(header.width, header.height) if header else Size(0, 0))


def _basename(name: str) -> str:
    """Drop folders, and what would break a line or a header."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip()[-LONGEST_NAME:] or "image"
