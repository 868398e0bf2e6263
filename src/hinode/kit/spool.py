"""Bytes from clients: in memory while they are few, else in a file that goes with its object."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import weakref
from pathlib import Path

SMALL_BYTES = 64 * 1024
BLOCK_BYTES = 256 * 1024
"""Bytes that a spool keeps in memory before it should be flushed."""


class Spooled:
    """Bytes that are not held in memory when they are many; equal ones are equal."""

    __slots__ = ("__weakref__", "_data", "_path", "digest", "size")

    def __init__(self, data: bytes, path: Path | None, size: int, digest: str) -> None:
        self._data = data
        self._path: Path | None = None
        self.size = size
        self.digest = digest
        """SHA-256, in hexadecimal."""
        if path is not None:
            self._own(path)

    @classmethod
    def of(cls, data: bytes) -> Spooled:
        """Return bytes that are in memory now."""
        spool = Spool()
        spool.write(data)
        return spool.finish()

    @property
    def path(self) -> Path:
        """A file with the bytes; it lives as long as this object."""
        if self._path is None:
            path = _new_file()
            self._own(path)
            path.write_bytes(self._data)
            return path
        return self._path

    def head(self, length: int) -> bytes:
        """Return the first bytes."""
        if self._path is None:
            return self._data[:length]
        with self._path.open("rb") as file:
            return file.read(length)

    def read(self) -> bytes:
        """Return all bytes."""
        return self._data if self._path is None else self._path.read_bytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spooled) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def _own(self, path: Path) -> None:
        self._path = path
        weakref.finalize(self, path.unlink, missing_ok=True)


class Spool:
    """Takes bytes as they come. Only :meth:`flush` and :meth:`finish` write to the disk."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._path: Path | None = None
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def unwritten(self) -> int:
        """Bytes in memory."""
        return len(self._data)

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes."""
        self._data += data
        self._size += len(data)
        self._digest.update(data)

    def flush(self) -> None:
        """Move what is in memory to the file."""
        if self._path is None:
            self._path = _new_file()
            # Whoever stops filling the spool leaves no file behind.
            self._finalizer = weakref.finalize(self, self._path.unlink, missing_ok=True)
        with self._path.open("ab") as file:
            file.write(self._data)
        self._data.clear()

    def finish(self) -> Spooled:
        """Return what came; the spool is empty afterwards and takes no more."""
        if self._path is not None or len(self._data) > SMALL_BYTES:
            self.flush()
            self._finalizer.detach()
        data, path = bytes(self._data), self._path
        return Spooled(data, path, self._size, self._digest.hexdigest())


async def flush_if_large(spool: Spool) -> None:
    """Move what is in memory to the file, in a thread, when it is a block or more."""
    if spool.unwritten >= BLOCK_BYTES:
        await asyncio.to_thread(spool.flush)


def _new_file() -> Path:
    with tempfile.NamedTemporaryFile(prefix="hinode-upload-", delete=False) as file:
        return Path(file.name)
