"""The verbs of characters: made from a clip, found, and put into jobs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.clips import BadClip, ClipLimits, examine_clip
from hinode.studio.access.types import Caller
from hinode.studio.characters import repository, service
from hinode.studio.characters.types import Character
from hinode.studio.errors import ErrorCode, StudioError

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Casting:
    """What callers may do with characters."""

    db: Database
    store: ObjectStore
    clock: Clock

    def create(
        self, caller: Caller, name: str, clip: bytes, between: tuple[float, float] | None = None
    ) -> Character:
        """Make a character from a clip that shows it. Raises :class:`StudioError`."""
        checked = service.check_name(name)
        character = Character(
            id=(character_id := new_id()),
            account_id=caller.account_id,
            name=checked,
            key=f"characters/{character_id.hex}/portrait.png",
            created_at=self.clock.now(),
        )
        self._keep_portrait(character, clip, between)
        with self.db.write() as conn:
            repository.insert(conn, character)
        return character

    def get(self, caller: Caller, character_id: UUID) -> Character:
        """Return a character of the caller's account. Raises :class:`StudioError`."""
        with self.db.read() as conn:
            return service.get(conn, caller.account_id, character_id)

    def _keep_portrait(
        self, character: Character, clip: bytes, between: tuple[float, float] | None
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="hinode-clip-") as folder:
            path, portrait = Path(folder) / "clip", Path(folder) / "portrait.png"
            path.write_bytes(clip)
            try:
                examine_clip(path, ClipLimits(), portrait=portrait, between=between)
            except BadClip as error:
                raise StudioError(ErrorCode.INVALID_CLIP, str(error), param="video") from error
            self.store.put_file(character.key, portrait, "image/png")
