"""Who appears in a video: named by id in a request, or by name in its prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from hinode.studio.characters import repository
from hinode.studio.characters.types import Character
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.text import check_storable

MOST_IN_ONE_VIDEO = 2
"""As OpenAI's guide says."""

LONGEST_NAME = 80


def check_name(name: str) -> str:
    """Return a character's name, trimmed. Raises :class:`StudioError` when it is unusable."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= LONGEST_NAME:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"A character's name has 1 to {LONGEST_NAME} characters.",
            param="name",
        )
    check_storable(trimmed, "name")
    return trimmed


def get(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character:
    """Return a character of an account. Raises :class:`StudioError` when it has none such."""
    character = repository.find_own(conn, account_id, character_id)
    if character is None:
        raise StudioError(
            ErrorCode.CHARACTER_NOT_FOUND, "There is no such character in this account.", param="id"
        )
    return character


def cast(
    conn: sa.Connection, account_id: UUID, prompt: str, ids: Sequence[UUID]
) -> tuple[UUID, ...]:
    """Return the ids of those who appear: the named ids, then whoever the prompt calls by name.

    Of several characters with one name the newest is meant. Raises :class:`StudioError` for ids
    of nobody, or too many of them.
    """
    if len(ids) > MOST_IN_ONE_VIDEO:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"At most {MOST_IN_ONE_VIDEO} characters appear in a video, not {len(ids)}.",
            param="characters",
        )
    named = [get(conn, account_id, one) for one in ids]
    taken = {character.name.lower() for character in named}
    for character in repository.of_account(conn, account_id):
        if len(named) == MOST_IN_ONE_VIDEO:
            break
        folded = character.name.lower()
        if folded not in taken and _is_called(folded, prompt.lower()):
            taken.add(folded)
            named.append(character)
    return tuple(character.id for character in named)


def _is_called(name: str, prompt: str) -> bool:
    """Find a name as a word; scripts without spaces between words are searched as they are."""
    if not name.isascii():
        return name in prompt
    return re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", prompt) is not None
