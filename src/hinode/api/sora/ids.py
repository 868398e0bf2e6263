"""The ids of this dialect: a prefix, and a UUID as hexadecimal or base32 digits.

The ``require_*`` functions raise :class:`HinodeError` for text that is no id, as for an id of
nothing; the ``parse_*`` functions return None.
"""

from __future__ import annotations

from uuid import UUID

from hinode.core.characters.lookup import not_found as character_not_found
from hinode.core.drafts.types import OutputPosition
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.posts.lifecycle import not_found as post_not_found
from hinode.kit.ids import decode_id, decode_short_id, encode_id, encode_short_id

POINTER_SCHEME = "sediment://"
"""The scheme of an asset pointer to an uploaded file."""

_CHARACTER, _CAMEO, _POST, _USER = "ch_", "cameo_", "s_", "user-"
_TASK, _GENERATION, _MEDIA = "task_", "gen_", "media_"
_FILE, _FILE_ALIAS = "file_", "file-"


def task_id(job_id: UUID) -> str:
    """Return the id of a job."""
    return encode_short_id(_TASK, job_id)


def generation_id(place: OutputPosition) -> str:
    """Return the id of an output of a job."""
    return encode_short_id(_GENERATION, place.job_id, place.output)


def user_id(account_id: UUID) -> str:
    """Return the id of an account."""
    return encode_id(_USER, account_id)


def character_id(value: UUID) -> str:
    """Return the id of a character."""
    return encode_id(_CHARACTER, value)


def cameo_id(value: UUID) -> str:
    """Return the id of a cameo."""
    return encode_id(_CAMEO, value)


def post_id(value: UUID) -> str:
    """Return the id of a post; clients recognise remix targets by this form."""
    return encode_id(_POST, value)


def media_id(file_id: UUID) -> str:
    """Return the id of an uploaded image."""
    return encode_short_id(_MEDIA, file_id)


def pointed_file_id(file_id: UUID) -> str:
    """Return the id by which an asset pointer names an uploaded file."""
    return encode_id(_FILE, file_id)


def parse_task_id(text: str) -> UUID | None:
    """Return the job that a task's id names."""
    found = decode_short_id(_TASK, text)
    return found[0] if found else None


def parse_generation_id(text: str) -> OutputPosition | None:
    """Return the output that a generation's id names."""
    found = decode_short_id(_GENERATION, text)
    return OutputPosition(*found) if found else None


def parse_post_id(text: str) -> UUID | None:
    """Return the post that an id names."""
    return decode_id(_POST, text)


def parse_character_id(text: str) -> UUID | None:
    """Return the character that an id names."""
    return decode_id(_CHARACTER, text)


def parse_user_id(text: str) -> UUID | None:
    """Return the account that an id names."""
    return decode_id(_USER, text)


def parse_upload_id(text: str) -> UUID | None:
    """Return the file that the id of an upload or of a pointed file names."""
    short = decode_short_id(_MEDIA, text)
    return decode_id(_FILE, text) if short is None or short[1] else short[0]


def parse_asset_pointer(text: str) -> UUID | None:
    """Return the uploaded file that a pointer names, with or without its scheme."""
    name = text.removeprefix(POINTER_SCHEME)
    prefixes = (_FILE, _FILE_ALIAS)
    return next((found for prefix in prefixes if (found := decode_id(prefix, name))), None)


def parse_output(text: str) -> OutputPosition | None:
    """Return the output that the id of a generation names, or the first one of a task."""
    prefix = _TASK if text.startswith(_TASK) else _GENERATION
    found = decode_short_id(prefix, text)
    return OutputPosition(*found) if found else None


def is_generation_id(text: str) -> bool:
    """Return whether text has the form of a generation's id."""
    return text.startswith(_GENERATION)


def require_generation_id(text: str) -> OutputPosition:
    """Return the output that a generation's id names."""
    found = parse_generation_id(text)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND,
            "There is no such draft in this account.",
            param="generation_id",
        )
    return found


def require_post_id(text: str) -> UUID:
    """Return the post that an id names."""
    found = parse_post_id(text)
    if found is None:
        raise post_not_found()
    return found


def require_character_id(text: str) -> UUID:
    """Return the character that an id names."""
    found = decode_id(_CHARACTER, text)
    if found is None:
        raise character_not_found()
    return found


def require_cameo_id(text: str) -> UUID:
    """Return the cameo that an id names."""
    found = decode_id(_CAMEO, text)
    if found is None:
        raise character_not_found()
    return found


def require_character_or_cameo_id(text: str) -> UUID:
    """Return the character or the cameo that an id names."""
    found = decode_id(_CHARACTER, text) or decode_id(_CAMEO, text)
    if found is None:
        raise character_not_found()
    return found
