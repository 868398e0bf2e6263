"""Who appears in a video: named by id in a request, or called in its prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from hinode.core.characters import repository
from hinode.core.characters.mentions import mentions
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable

MOST_IN_ONE_VIDEO = 2
"""As OpenAI's guide says."""

LONGEST_NAME = 80
LONGEST_INSTRUCTIONS = 5_000


def check_name(name: str, param: str = "name") -> str:
    """Return a character's name, trimmed. Raises :class:`HinodeError` when it is unusable."""
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= LONGEST_NAME:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A character's name has 1 to {LONGEST_NAME} characters.",
            param=param,
        )
    check_storable(trimmed, param)
    return trimmed


def check_instructions(text: str | None, param: str) -> None:
    """Raise :class:`HinodeError` for a description that cannot be kept."""
    if text is None:
        return
    if len(text) > LONGEST_INSTRUCTIONS:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{param}' has at most {LONGEST_INSTRUCTIONS} characters.",
            param=param,
        )
    check_storable(text, param)


def get(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character:
    """Return a character of an account. Raises :class:`HinodeError` when it has none such."""
    return _found(repository.find_own(conn, account_id, character_id))


def get_visible(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character:
    """Return a character that an account may use: its own, or a public one.

    Raises :class:`HinodeError` for any other.
    """
    return _found(repository.find_visible(conn, account_id, character_id))


def get_by_any_id(conn: sa.Connection, account_id: UUID, some_id: UUID) -> Character:
    """Return a character of an account by its id or that of its cameo.

    Raises :class:`HinodeError` when there is none such.
    """
    own = repository.find_own(conn, account_id, some_id)
    return own or _found(repository.of_cameo(conn, account_id, some_id))


def not_found() -> HinodeError:
    """Return the error of an id that names no character that the account may see."""
    return HinodeError(
        ErrorCode.CHARACTER_NOT_FOUND, "There is no such character in this account.", param="id"
    )


def cast(
    conn: sa.Connection, account_id: UUID, prompt: str, ids: Sequence[UUID]
) -> tuple[UUID, ...]:
    """Return the ids of those who appear: the named ids, then whoever the prompt calls.

    A prompt calls by ``@username`` those of the account and public ones, and by their name those
    of the account that have no username; of several with one name the newest is meant. Calls for
    nobody are words like any other. Raises :class:`HinodeError` for ids of nobody, or too many.
    """
    if len(ids) > MOST_IN_ONE_VIDEO:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"At most {MOST_IN_ONE_VIDEO} characters appear in a video, not {len(ids)}.",
            param="characters",
        )
    named = list(dict.fromkeys(get_visible(conn, account_id, one) for one in ids))
    named += [one for one in _mentioned(conn, account_id, prompt) if one not in named]
    taken = {character.name.lower() for character in named}
    for character in repository.of_account(conn, account_id):
        folded = character.name.lower()
        if character.username or folded in taken or not _is_called(folded, prompt.lower()):
            continue
        taken.add(folded)
        named.append(character)
    return tuple(character.id for character in named[:MOST_IN_ONE_VIDEO])


def still_cast(conn: sa.Connection, account_id: UUID, ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Return those of an earlier video's characters that an account may use now."""
    return tuple(one.id for one in repository.visible_of(conn, account_id, ids)) if ids else ()


def _mentioned(conn: sa.Connection, account_id: UUID, prompt: str) -> list[Character]:
    calls = mentions(prompt)
    if not calls:
        return []
    ids = [call.character_id for call in calls if call.character_id is not None]
    by_id = {one.id: one for one in repository.visible_of(conn, account_id, ids)}
    spellings = {name for call in calls for name in call.names}
    by_name = repository.by_usernames(conn, account_id, spellings)
    found: list[Character] = []
    for call in calls:
        by_names = next((by_name[name] for name in call.names if name in by_name), None)
        one = by_names if call.character_id is None else by_id.get(call.character_id)
        if one is not None and one not in found:
            found.append(one)
    return found


def _found(character: Character | None) -> Character:
    if character is None:
        raise not_found()
    return character


def _is_called(name: str, prompt: str) -> bool:
    """Find a name as a word; scripts without spaces between words are searched as they are."""
    if not name.isascii():
        return name in prompt
    return re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", prompt) is not None
