"""Rules of uploaded files: purposes, names, lifetimes and content.

Purposes and lifetimes are those of ``FileCreateParams`` in the OpenAI SDK.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files import repository
from hinode.core.files.types import File, NewFile
from hinode.core.text_checks import check_storable
from hinode.kit.clock import Clock
from hinode.media.image_header import ACCEPTED, sniff

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
MIN_LIFETIME_S, MAX_LIFETIME_S = 3_600, 2_592_000
MAX_NAME_LENGTH = 255

CLIP_TYPE = "video/mp4"

BATCH, BATCH_OUTPUT = "batch", "batch_output"
JSON_LINES = "application/jsonl"

_MP4_BRAND = b"ftyp"


def get(conn: sa.Connection, account_id: UUID, file_id: UUID, clock: Clock) -> File:
    """Return a file of an account. Raises :class:`HinodeError` when it is unknown or expired."""
    file = repository.find_own(conn, account_id, file_id, clock.now())
    if file is None:
        raise not_found()
    return file


def not_found(param: str = "file_id") -> HinodeError:
    """Return the error for an id of no file of the account."""
    return HinodeError(
        ErrorCode.FILE_NOT_FOUND, "There is no such file in this account.", param=param
    )


def check_metadata(new: NewFile) -> None:
    """Raise :class:`HinodeError` for an invalid purpose, name or lifetime."""
    if new.purpose not in PURPOSES:
        offered = ", ".join(f"'{one}'" for one in PURPOSES)
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{new.purpose[:40]}' is not a purpose of files.",
            param="purpose",
            hint=f"Supported values are: {offered}.",
        )
    if not 1 <= len(new.name) <= MAX_NAME_LENGTH:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A file's name has 1 to {MAX_NAME_LENGTH} characters.",
            param="file",
        )
    check_storable(new.name, "file")
    if new.lifetime is not None and not MIN_LIFETIME_S <= new.lifetime <= MAX_LIFETIME_S:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'expires_after.seconds' is {MIN_LIFETIME_S} to {MAX_LIFETIME_S}, not {new.lifetime}.",
            param="expires_after.seconds",
        )


def lifetime(purpose: str, seconds: int | None) -> timedelta | None:
    """Return the lifetime of a file; None: no expiry. The default of batch files is 30 days."""
    if seconds is None and purpose == BATCH:
        seconds = MAX_LIFETIME_S
    return None if seconds is None else timedelta(seconds=seconds)


def content_type_of(purpose: str, head: bytes) -> str:
    """Return the content type of an image or an MP4 video, detected from its first bytes.

    The name and the declared type are ignored, because clients control them. Any other content is
    JSONL in a file for a batch, which the batch validates. Raises :class:`HinodeError` for other
    content of other files.
    """
    image = sniff(head)
    if image is not None:
        return f"image/{image.value}"
    if head[4:8] != _MP4_BRAND:
        if purpose == BATCH:
            return JSON_LINES
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            "The content of the file is neither an image nor an MP4 video.",
            param="file",
            hint=f"Send a {ACCEPTED} image, or an MP4 video.",
        )
    return CLIP_TYPE
