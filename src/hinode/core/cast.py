"""The verbs of characters: made from a clip, found, changed, removed."""

from __future__ import annotations

import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import names
from hinode.core.accounts.types import NameKind
from hinode.core.auth.types import Caller
from hinode.core.characters import repository, service
from hinode.core.characters.types import Character, CharacterChange, CharacterPage
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.portraits import Portraits, portrait_key
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.clip_check import BadClip, ClipLimits, check_clip

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Casting:
    """What callers may do with characters."""

    db: Database
    store: ObjectStore
    portraits: Portraits
    clock: Clock

    def create(
        self, caller: Caller, name: str, clip: bytes, between: tuple[float, float] | None = None
    ) -> Character:
        """Make a character from a clip that shows it. Raises :class:`HinodeError`."""
        checked = service.check_name(name)
        character = Character(
            id=(character_id := new_id()),
            account_id=caller.account_id,
            name=checked,
            key=portrait_key(character_id, "portrait.png"),
            created_at=self.clock.now(),
        )
        self._keep_portrait(character, clip, between)
        with self.db.write() as conn:
            repository.insert(conn, character)
        return character

    def get(self, caller: Caller, character_id: UUID) -> Character:
        """Return a character of the caller's account. Raises :class:`HinodeError`."""
        with self.db.read() as conn:
            return service.get(conn, caller.account_id, character_id)

    def visible(self, caller: Caller, character_id: UUID) -> Character:
        """Return a character that the caller may use. Raises :class:`HinodeError`."""
        with self.db.read() as conn:
            return service.get_visible(conn, caller.account_id, character_id)

    def page(
        self, caller: Caller, owner_id: UUID, *, limit: int, before: UUID | None
    ) -> CharacterPage:
        """Return an account's characters, newest first: of others the public ones only."""
        public_only = owner_id != caller.account_id
        with self.db.read() as conn:
            return repository.page(
                conn, owner_id, public_only=public_only, limit=limit, before=before
            )

    def change(self, caller: Caller, some_id: UUID, change: CharacterChange) -> Character:
        """Change a character of the caller's account, by its id or that of its cameo.

        Raises :class:`HinodeError`; then nothing has changed.
        """
        if change.name is not None:
            change = replace(change, name=service.check_name(change.name, "display_name"))
        service.check_instructions(change.instructions, "instruction_set")
        service.check_instructions(change.safety_instructions, "safety_instruction_set")
        with self.db.read() as conn:
            found = service.get_by_any_id(conn, caller.account_id, some_id)
        with self._picture(found, change.picture) as key, self.db.write() as conn:
            return _changed(conn, service.get(conn, caller.account_id, found.id), change, key)

    def delete(self, caller: Caller, some_id: UUID) -> None:
        """Hide a character from everyone and free its name; jobs that it is in keep it.

        Takes the id of the character or of its cameo. Raises :class:`HinodeError`.
        """
        with self.db.write() as conn:
            found = service.get_by_any_id(conn, caller.account_id, some_id)
            names.release(conn, found.id)
            repository.mark_deleted(conn, found.id, self.clock.now())

    def _picture(
        self, character: Character, file_id: UUID | None
    ) -> AbstractContextManager[str | None]:
        if file_id is None:
            return nullcontext()
        return self.portraits.kept(character.account_id, character.id, file_id)

    def _keep_portrait(
        self, character: Character, clip: bytes, between: tuple[float, float] | None
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="hinode-clip-") as folder:
            path, portrait = Path(folder) / "clip", Path(folder) / "portrait.png"
            path.write_bytes(clip)
            try:
                check_clip(path, ClipLimits(), image_path=portrait, time_range=between)
            except BadClip as error:
                raise HinodeError(ErrorCode.INVALID_CLIP, str(error), param="video") from error
            self.store.put_file(character.key, portrait, "image/png")


def _changed(
    conn: sa.Connection, now: Character, change: CharacterChange, key: str | None
) -> Character:
    if change.username is not None:
        names.claim(conn, change.username, NameKind.CHARACTER, now.id)
    changed = replace(
        now,
        username=_or(change.username, now.username),
        name=change.name or now.name,
        key=key or now.key,
        visibility=change.visibility or now.visibility,
        instructions=_or(change.instructions, now.instructions),
        safety_instructions=_or(change.safety_instructions, now.safety_instructions),
    )
    repository.update(conn, changed)
    return changed


def _or(wanted: str | None, present: str | None) -> str | None:
    return present if wanted is None else wanted
