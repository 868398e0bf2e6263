"""The object store in a folder: private files, written aside and moved into place."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from obstore.store import LocalStore

from hinode.storage.errors import StorageError, storage_errors
from hinode.storage.keys import check_key
from hinode.storage.store import CHUNK_BYTES, ObjectStore

STAGING_FOLDER = ".staging"
STALE_AFTER_SECONDS = 24 * 3600
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_MOVE_ATTEMPTS = 10


class LocalObjectStore(ObjectStore):
    """Objects as files under ``root``: folders 0700 and files 0600 for what Hinode makes.

    Writes go through a staging folder of our own, not through obstore: obstore leaves the mode to
    the umask, and what a killed process left beside its objects would never be listed again.
    """

    def __init__(self, root: Path) -> None:
        """Make the folder when it is not there; raises StorageError when that cannot be."""
        self._root = root.expanduser().absolute()
        self._staging = self._root / STAGING_FOLDER
        with storage_errors("open the folder", str(self._root)):
            _private_folders(self._staging)
            _remove_stale(self._staging)
            super().__init__(LocalStore(self._root, automatic_cleanup=True))

    def local_path(self, key: str) -> Path:
        """Return where the object lies, or would lie."""
        return self._root / check_key(key)

    def _write(self, key: str, source: Path | bytes, content_type: str) -> None:
        del content_type  # a folder has nowhere to keep it
        staged = self._staging / secrets.token_hex(16)
        try:
            _stage(staged, source)
            self._move_into_place(staged, self.local_path(key))
        finally:
            staged.unlink(missing_ok=True)

    def _move_into_place(self, staged: Path, target: Path) -> None:
        """Move into place, again when a delete swept the emptied folder away meanwhile."""
        for _ in range(_MOVE_ATTEMPTS):
            with suppress(FileNotFoundError):
                _private_folders(target.parent)
                staged.replace(target)
                return
        raise StorageError(
            f"The folder {target.parent} does not stay.", hint="Stop what removes it meanwhile."
        )


def _stage(staged: Path, source: Path | bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(staged, flags, _FILE_MODE), "wb") as file:
        if isinstance(source, bytes):
            file.write(source)
        else:
            with source.open("rb") as original:
                shutil.copyfileobj(original, file, CHUNK_BYTES)
        file.flush()
        # Without it a power cut after the move can leave an empty file under the key.
        os.fsync(file.fileno())


def _private_folders(folder: Path) -> None:
    if not folder.is_dir():
        _private_folders(folder.parent)
        # By another writer; `exist_ok` raises when a delete has removed it again.
        with suppress(FileExistsError):
            folder.mkdir(_FOLDER_MODE)


def _remove_stale(staging: Path) -> None:
    """Remove what killed processes left; a day is longer than any write takes."""
    oldest = time.time() - STALE_AFTER_SECONDS
    for left in staging.iterdir():
        with suppress(FileNotFoundError):  # a write of another process ends meanwhile
            if left.stat().st_mtime < oldest:
                left.unlink()
