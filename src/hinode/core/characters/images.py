"""Images of characters in the object store; a new image gets a new key, so URLs stay cacheable."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files import service as files
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.media.character_image import write_character_image
from hinode.media.image_check import BadImage

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

FOLDER = "characters"
_PARAM = "profile_asset_pointer"


def image_key(owner_id: UUID, name: str = "portrait.webp") -> str:
    """Return the storage key of an image of the cameo or character with this id."""
    return f"{FOLDER}/{owner_id.hex}/{name}"


@dataclass(frozen=True, slots=True)
class CharacterImageStore:
    """Creates images of characters from uploaded files."""

    db: Database
    store: ObjectStore
    clock: Clock

    @contextmanager
    def stored(self, account_id: UUID, owner_id: UUID, file_id: UUID) -> Iterator[str]:
        """Store the image of a file and yield its key; delete it again if the block raises.

        Raises :class:`HinodeError` when the account has no such file, or it is not an image.
        """
        with self.db.read() as conn:
            file = files.get(conn, account_id, file_id, self.clock)
        key = image_key(owner_id, f"{new_id().hex}.webp")
        self._store(key, self.store.get_bytes(file.key))
        try:
            yield key
        except BaseException:
            self.store.delete([key])
            raise

    def _store(self, key: str, data: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="hinode-portrait-") as folder:
            path = Path(folder) / "portrait.webp"
            try:
                write_character_image(data, path)
            except BadImage as error:
                raise HinodeError(ErrorCode.INVALID_IMAGE, str(error), param=_PARAM) from error
            self.store.put_file(key, path, "image/webp")
