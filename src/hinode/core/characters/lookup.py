"""Find characters by id, and the characters of a video by ids and mentions in its prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles
from hinode.core.auth.types import Caller
from hinode.core.characters import repository
from hinode.core.characters.mentions import mentions
from hinode.core.characters.types import Character, VisibleCharacters
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import CharacterFile

MAX_IN_ONE_VIDEO = 2
"""Maximum number of characters in one video, from OpenAI's video guide."""


def get(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character:
    """Return a character of an account. Raises :class:`HinodeError` when it is unknown."""
    return _found(repository.find_own(conn, account_id, character_id))


def get_visible(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character:
    """Return a character that an account may use: its own, or a public one.

    ``character_id`` may be the id of its cameo. Raises :class:`HinodeError` for any other id.
    """
    return _found(repository.find_visible(conn, account_id, character_id))


def get_by_any_id(conn: sa.Connection, account_id: UUID, some_id: UUID) -> Character:
    """Return a character of an account by its id or the id of its cameo.

    Raises :class:`HinodeError` when it is unknown.
    """
    own = repository.find_own(conn, account_id, some_id)
    return own or _found(repository.of_cameo(conn, account_id, some_id))


def with_owner(
    conn: sa.Connection,
    caller: Caller,
    owner_id: UUID,
    characters: list[Character],
    *,
    has_more: bool = False,
) -> VisibleCharacters:
    """Return characters of the account ``owner_id`` with its profile."""
    owner = profiles.find(conn, owner_id)
    return VisibleCharacters(characters, owner, owner_id == caller.account_id, has_more)


def not_found() -> HinodeError:
    """Return the error for an unknown character, or one that the account may not use."""
    return HinodeError(
        ErrorCode.CHARACTER_NOT_FOUND, "There is no such character in this account.", param="id"
    )


@dataclass(frozen=True, slots=True)
class VideoCharacters:
    """Characters of videos; implements :class:`hinode.core.jobs.types.CharacterResolver`."""

    def resolve(
        self, conn: sa.Connection, account_id: UUID, prompt: str, ids: Sequence[UUID]
    ) -> tuple[UUID, ...]:
        """Return the ids of a video's characters: the named ids, then those the prompt mentions.

        ``@username`` mentions a character of the account or a public one. A character of the
        account without a username is mentioned by its name; of several with one name the newest is
        used. Mentions of unknown names are plain text. Characters above the maximum that are only
        mentioned are ignored. Raises :class:`HinodeError` for unknown or too many ids.
        """
        if len(ids) > MAX_IN_ONE_VIDEO:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"A video has at most {MAX_IN_ONE_VIDEO} characters, not {len(ids)}.",
                param="characters",
            )
        found = list(dict.fromkeys(get_visible(conn, account_id, one) for one in ids))
        found += [one for one in _mentioned(conn, account_id, prompt) if one not in found]
        taken = {character.name.lower() for character in found}
        for character in repository.of_account(conn, account_id):
            folded = character.name.lower()
            if character.username or folded in taken or not _has_word(folded, prompt.lower()):
                continue
            taken.add(folded)
            found.append(character)
        return tuple(character.id for character in found[:MAX_IN_ONE_VIDEO])

    def filter_visible(
        self, conn: sa.Connection, account_id: UUID, ids: Sequence[UUID]
    ) -> tuple[UUID, ...]:
        """Return the characters among ``ids`` that an account may use now, in their order."""
        if not ids:
            return ()
        return tuple(one.id for one in repository.visible_of(conn, account_id, ids))

    def owners(self, conn: sa.Connection, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Return the accounts of characters, deleted ones too."""
        if not ids:
            return frozenset()
        return frozenset(one.account_id for one in repository.by_ids(conn, ids))

    def files(self, conn: sa.Connection, ids: Sequence[UUID]) -> tuple[CharacterFile, ...]:
        """Return the images of characters of any account, deleted ones too, in the ids' order."""
        if not ids:
            return ()
        return tuple(CharacterFile(one.name, one.key) for one in repository.by_ids(conn, ids))


def _mentioned(conn: sa.Connection, account_id: UUID, prompt: str) -> list[Character]:
    in_prompt = mentions(prompt)
    if not in_prompt:
        return []
    ids = [one.character_id for one in in_prompt if one.character_id is not None]
    by_id = {one.id: one for one in repository.visible_of(conn, account_id, ids)}
    spellings = {name for one in in_prompt for name in one.names}
    by_name = repository.by_usernames(conn, account_id, spellings)
    found: list[Character] = []
    for mention in in_prompt:
        if mention.character_id is not None:
            character = by_id.get(mention.character_id)
        else:
            character = next((by_name[name] for name in mention.names if name in by_name), None)
        if character is not None and character not in found:
            found.append(character)
    return found


def _found(character: Character | None) -> Character:
    if character is None:
        raise not_found()
    return character


def _has_word(name: str, prompt: str) -> bool:
    """Return whether the prompt has a name as a word; both are in lower case.

    Names that are not ASCII are matched anywhere: many such scripts have no spaces between words.
    """
    if not name.isascii():
        return name in prompt
    return re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", prompt) is not None
