"""The verbs of finding people and their characters by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import names, profiles
from hinode.core.accounts.types import NameKind, Profile
from hinode.core.auth.types import Caller
from hinode.core.characters import repository as characters
from hinode.core.characters.types import Character
from hinode.core.errors import ErrorCode, HinodeError

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a username: a person, or a ``character`` of the person."""

    profile: Profile
    character: Character | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Who can be found by name. All methods raise :class:`HinodeError`."""

    db: Database

    def named(self, caller: Caller, username: str) -> Person:
        """Return who bears a username, whatever its case.

        A person, or a character that the caller may use.
        """
        with self.db.read() as conn:
            # What is no username is nobody's, and may be a text that databases refuse.
            owner = names.owner_of(conn, username) if names.is_username(username) else None
            if owner is None:
                raise _nobody()
            if owner.kind is NameKind.ACCOUNT:
                person = profiles.find(conn, owner.owner_id)
                found = [] if person is None else [Person(person)]
            else:
                character = characters.find_visible(conn, caller.account_id, owner.owner_id)
                found = self._with_owners(conn, [] if character is None else [character])
        if not found:
            raise _nobody()
        return found[0]

    def accounts_like(self, prefix: str, limit: int) -> list[Person]:
        """Return people whose usernames begin like this, in the order of their names."""
        with self.db.read() as conn:
            ids = names.accounts_like(conn, prefix, limit)
            found = profiles.find_many(conn, ids)
        return [Person(found[one]) for one in ids if one in found]

    def characters_like(self, caller: Caller, prefix: str, limit: int) -> list[Person]:
        """Return characters that the caller may use whose usernames begin like this."""
        with self.db.read() as conn:
            found = characters.named_like(conn, caller.account_id, prefix, limit)
            return self._with_owners(conn, found)

    def characters(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Person]:
        """Return those of these characters that the caller may use, by their ids."""
        if not ids:
            return {}
        with self.db.read() as conn:
            found = characters.visible_of(conn, caller.account_id, list(ids))
            people = self._with_owners(conn, found)
        return {one.id: person for one, person in zip(found, people, strict=True)}

    def _with_owners(self, conn: sa.Connection, found: Sequence[Character]) -> list[Person]:
        owners = profiles.find_many(conn, list({one.account_id for one in found}))
        return [Person(owners[one.account_id], one) for one in found]


def _nobody() -> HinodeError:
    return HinodeError(ErrorCode.PROFILE_NOT_FOUND, "Nobody has this username.", param="username")
