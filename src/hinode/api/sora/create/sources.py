"""Reading what a request names to be made from: uploads, own generations, posts. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hinode.api.values import Value, wrong_type
from hinode.core.characters.lookup import MAX_IN_ONE_VIDEO
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import spell, spell_short, unspell, unspell_short

MEDIA, FILE, GENERATION, TASK, POST = "media_", "file_", "gen_", "task_", "s_"
CHARACTER = "ch_"
POINTER_SCHEME = "sediment://"
"""How an asset pointer to an uploaded file begins."""


class SourceKind(StrEnum):
    """What an id names."""

    FILE = "file"
    JOB = "job"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to start from: a file, an output of a job (``output_index`` from 0), or a post.

    ``param`` is the field that named it.
    """

    kind: SourceKind
    id: UUID
    output_index: int
    param: str


def media_id(file_id: UUID) -> str:
    """Spell the id of an upload."""
    return spell_short(MEDIA, file_id)


def upload_file_id(file_id: UUID) -> str:
    """Spell the id of an uploaded file that asset pointers lead to; the same files as uploads."""
    return spell(FILE, file_id)


def read_image_source(value: Value, param: str) -> Source:
    """Read the id of a picture: ``media_…``, ``file_…``, its pointer, or ``gen_…``.

    Raises :class:`hinode.api.request_errors.RequestError` and :class:`HinodeError`, as all readers
    here.
    """
    text = _text(value, param).removeprefix(POINTER_SCHEME)
    if text.startswith(GENERATION):
        return _job_source(text, param)
    short, long = unspell_short(MEDIA, text), unspell(FILE, text)
    file_id = long if short is None or short[1] else short[0]
    if file_id is None:
        raise HinodeError(
            ErrorCode.FILE_NOT_FOUND,
            "There is no such upload in this account.",
            param=param,
            hint="Its id starts with 'media_' or 'file_'.",
        )
    return Source(SourceKind.FILE, file_id, 0, param)


def read_remix_target(value: Value, param: str) -> Source:
    """Read the id of a video: a post, or an own generation or task."""
    text = _text(value, param)
    post = unspell(POST, text)
    return _job_source(text, param) if post is None else Source(SourceKind.POST, post, 0, param)


def read_generation(text: str, param: str) -> Source:
    """Read the id of an own generation or task."""
    return _job_source(text, param)


def read_characters(value: Value, param: str) -> tuple[UUID, ...]:
    """Read a list of ids of characters; null and an empty list are nobody."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)
    if len(value) > MAX_IN_ONE_VIDEO:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"At most {MAX_IN_ONE_VIDEO} characters appear in a video, not {len(value)}.",
            param=param,
        )
    found = []
    for index, one in enumerate(value):
        character = unspell(CHARACTER, _text(one, f"{param}[{index}]"))
        if character is None:
            raise HinodeError(
                ErrorCode.CHARACTER_NOT_FOUND,
                "There is no such character.",
                param=f"{param}[{index}]",
                hint="Its id starts with 'ch_'.",
            )
        found.append(character)
    return tuple(found)


def _job_source(text: str, param: str) -> Source:
    prefix = TASK if text.startswith(TASK) else GENERATION
    found = unspell_short(prefix, text)
    if found is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such generation in this account.", param=param
        )
    return Source(SourceKind.JOB, found[0], found[1], param)


def _text(value: Value, param: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    return value
