"""Images of characters in the object store; a new image gets a new key, so URLs stay cacheable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.storage.store import ObjectStore

FOLDER = "characters"


def image_key(owner_id: UUID, name: str = "portrait.webp") -> str:
    """Return the storage key of an image of the cameo or character with this id."""
    return f"{FOLDER}/{owner_id.hex}/{name}"


@dataclass(frozen=True, slots=True)
class CharacterImageStore:
    """Stores images of characters that were made from uploaded files."""

    store: ObjectStore

    @contextmanager
    def stored(self, owner_id: UUID, portrait: Path) -> Iterator[str]:
        """Store an image (WebP) and yield its key; delete it again if the block raises."""
        key = image_key(owner_id, f"{new_id().hex}.webp")
        self.store.put_file(key, portrait, "image/webp")
        try:
            yield key
        except BaseException:
            self.store.delete([key])
            raise
