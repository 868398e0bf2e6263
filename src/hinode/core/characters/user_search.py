"""Find accounts and characters by username."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles, usernames
from hinode.core.accounts.types import Profile, UsernameKind
from hinode.core.auth.types import Caller
from hinode.core.characters import repository as characters
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class FoundUser:
    """The ``profile`` of an account; with a ``character``, the profile of its owner."""

    profile: Profile
    character: Character | None = None


@dataclass(frozen=True, slots=True)
class UserSearch:
    """Searches by username."""

    db: Database

    def by_username(self, caller: Caller, username: str) -> FoundUser:
        """Return the account or character with a username, in any case.

        Raises :class:`HinodeError` when there is none, or the caller may not use the character.
        """
        with self.db.read() as conn:
            # Other text may contain characters that the database rejects, such as NUL.
            owner = usernames.owner_of(conn, username) if usernames.is_username(username) else None
            if owner is None:
                raise _not_found()
            if owner.kind is UsernameKind.ACCOUNT:
                person = profiles.find(conn, owner.owner_id)
                found = [] if person is None else [FoundUser(person)]
            else:
                character = characters.find_visible(conn, caller.account_id, owner.owner_id)
                found = self._with_owners(conn, [] if character is None else [character])
        if not found:
            raise _not_found()
        return found[0]

    def find_accounts(self, prefix: str, limit: int) -> list[FoundUser]:
        """Return up to ``limit`` accounts whose usernames begin with a prefix, by username."""
        with self.db.read() as conn:
            ids = usernames.accounts_like(conn, prefix, limit)
            found = profiles.find_many(conn, ids)
        return [FoundUser(found[one]) for one in ids if one in found]

    def find_characters(self, caller: Caller, prefix: str, limit: int) -> list[FoundUser]:
        """Return up to ``limit`` characters that the caller may use whose usernames begin so."""
        with self.db.read() as conn:
            found = characters.named_like(conn, caller.account_id, prefix, limit)
            return self._with_owners(conn, found)

    def characters_by_id(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, FoundUser]:
        """Return the characters among ``ids`` that the caller may use, by id."""
        if not ids:
            return {}
        with self.db.read() as conn:
            found = characters.visible_of(conn, caller.account_id, list(ids))
            people = self._with_owners(conn, found)
        return {one.id: person for one, person in zip(found, people, strict=True)}

    def _with_owners(self, conn: sa.Connection, found: Sequence[Character]) -> list[FoundUser]:
        owners = profiles.find_many(conn, list({one.account_id for one in found}))
        return [FoundUser(owners[one.account_id], one) for one in found]


def _not_found() -> HinodeError:
    return HinodeError(ErrorCode.PROFILE_NOT_FOUND, "Nobody has this username.", param="username")
