"""Create, find, update and delete characters."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import usernames
from hinode.core.accounts.types import UsernameKind
from hinode.core.auth.reserved_names import check_not_reserved
from hinode.core.auth.types import Caller
from hinode.core.characters import lookup, repository
from hinode.core.characters.images import CharacterImageStore, image_key
from hinode.core.characters.types import Character, CharacterChanges, VisibleCharacters
from hinode.core.characters.validation import check_consent, check_instructions, check_name
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class CharacterService:
    """Characters of callers; all methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    images: CharacterImageStore
    clock: Clock
    consent_required: bool = False

    def check_new(self, name: str, consent: bool) -> str:
        """Return the normalized name of a new character; an early check before the clip is read."""
        check_consent(self.consent_required, consent)
        return check_name(name)

    def create(self, caller: Caller, name: str, portrait: Path, consent: bool = False) -> Character:
        """Create a character from an image (PNG) that was taken from a clip.

        ``consent``: the uploader states that the person shown agrees.
        """
        checked = self.check_new(name, consent)
        character = Character(
            id=(character_id := new_id()),
            account_id=caller.account_id,
            name=checked,
            key=image_key(character_id, "portrait.png"),
            created_at=self.clock.now(),
            consent=consent,
        )
        self.store.put_file(character.key, portrait, "image/png")
        with self.db.write() as conn:
            repository.insert(conn, character)
        return character

    def get(self, caller: Caller, character_id: UUID) -> Character:
        """Return a character of the caller's account."""
        with self.db.read() as conn:
            return lookup.get(conn, caller.account_id, character_id)

    def get_visible(self, caller: Caller, character_id: UUID) -> VisibleCharacters:
        """Return a character that the caller may use with its owner, by its or its cameo's id."""
        with self.db.read() as conn:
            found = lookup.get_visible(conn, caller.account_id, character_id)
            return lookup.with_owner(conn, caller, found.account_id, [found])

    def list_visible(
        self, caller: Caller, owner_id: UUID, *, limit: int, before: UUID | None
    ) -> VisibleCharacters:
        """Return a page of an account's characters, newest first.

        Of another account than the caller's only the public ones.
        """
        public_only = owner_id != caller.account_id
        with self.db.read() as conn:
            found = repository.page(
                conn, owner_id, public_only=public_only, limit=limit + 1, before=before
            )
            has_more = len(found) > limit
            return lookup.with_owner(conn, caller, owner_id, found[:limit], has_more=has_more)

    def update(self, caller: Caller, some_id: UUID, change: CharacterChanges) -> VisibleCharacters:
        """Update a character of the caller's account, by its id or its cameo's id.

        When it raises, nothing has changed.
        """
        found, change = self.check_update(caller, some_id, change)
        with self._new_image(found, change.image) as key, self.db.write() as conn:
            updated = _update(conn, lookup.get(conn, caller.account_id, found.id), change, key)
            return lookup.with_owner(conn, caller, caller.account_id, [updated])

    def check_update(
        self, caller: Caller, some_id: UUID, change: CharacterChanges
    ) -> tuple[Character, CharacterChanges]:
        """Return the character and the normalized update.

        An early check of the fields and the id, before the image is decoded.
        """
        if change.name is not None:
            change = replace(change, name=check_name(change.name, "display_name"))
        check_instructions(change.instructions, "instruction_set")
        check_instructions(change.safety_instructions, "safety_instruction_set")
        with self.db.read() as conn:
            return lookup.get_by_any_id(conn, caller.account_id, some_id), change

    def delete(self, caller: Caller, some_id: UUID) -> None:
        """Delete a character, by its id or its cameo's id, and release its username.

        Jobs that were created with it still use its image until the cleanup.
        """
        with self.db.write() as conn:
            found = lookup.get_by_any_id(conn, caller.account_id, some_id)
            usernames.release(conn, found.id)
            repository.mark_deleted(conn, found.id, self.clock.now())

    def _new_image(
        self, character: Character, portrait: Path | None
    ) -> AbstractContextManager[str | None]:
        return nullcontext() if portrait is None else self.images.stored(character.id, portrait)


def _update(
    conn: sa.Connection, now: Character, change: CharacterChanges, key: str | None
) -> Character:
    if change.username is not None:
        check_not_reserved(conn, change.username, now.account_id)
        usernames.claim(conn, change.username, UsernameKind.CHARACTER, now.id)
    updated = replace(
        now,
        username=_or(change.username, now.username),
        name=change.name or now.name,
        key=key or now.key,
        visibility=change.visibility or now.visibility,
        instructions=_or(change.instructions, now.instructions),
        safety_instructions=_or(change.safety_instructions, now.safety_instructions),
    )
    repository.update(conn, updated)
    return updated


def _or(new: str | None, present: str | None) -> str | None:
    return present if new is None else new
