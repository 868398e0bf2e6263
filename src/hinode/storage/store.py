"""One object store over obstore, for buckets (S3, GCS, Azure) and for tests in memory."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import S3Store

from hinode.kit.spool import BLOCK_BYTES, Spool, Spooled
from hinode.storage.errors import ObjectMissing, StorageError, object_errors, storage_errors
from hinode.storage.keys import check_key, is_key

if TYPE_CHECKING:
    from obstore import BytesStream, GetOptions, ObjectMeta
    from obstore.store import ObjectStore as Backend

CHUNK_BYTES = 1024 * 1024
_DELETE_BATCH = 1000
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A stored object: ``size`` in bytes, ``modified`` in UTC, ``etag`` as the store spells it."""

    key: str
    size: int
    modified: datetime
    etag: str | None


class ObjectStore:
    """Objects under validated keys; a key is either whole or absent, never half-written.

    All methods but :meth:`stream` block; call them from a worker thread. Every method raises
    :class:`StorageError`, and :class:`ValueError` for a key outside the grammar of
    :func:`hinode.storage.keys.check_key`. Safe to share between threads.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def put_file(self, key: str, path: Path, content_type: str) -> StoredObject:
        """Store a copy of the file at ``path``, replacing what was under ``key``.

        A folder does not keep the content type: the caller does.
        """
        return self._put(key, path, path.stat().st_size, content_type)

    def put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        """Store ``data``, replacing what was under ``key``."""
        return self._put(key, data, len(data), content_type)

    def head(self, key: str) -> StoredObject:
        """Describe the object; raises :class:`ObjectMissing`."""
        check_key(key)
        with object_errors("look up", key):
            return _stored_object(obstore.head(self._backend, key))

    async def stream(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Bytes ``start`` to ``end`` (exclusive; to the end when None) in chunks of about 1 MiB.

        Awaiting this finds the object (raises :class:`ObjectMissing`); iterating reads it.
        ``start`` must lie inside the object.
        """
        check_key(key)
        with object_errors("read", key):
            result = await obstore.get_async(self._backend, key, options=_range(start, end))
        return _chunks(key, result.stream(min_chunk_size=CHUNK_BYTES))

    def local_path(self, key: str) -> Path | None:
        """Return where the object lies as a plain file, or None when it lies elsewhere."""
        check_key(key)
        return None

    def presigned_url(self, key: str, lifetime: timedelta) -> str | None:
        """Return a URL that reads the object without a key for so long, up to seven days.

        None where the store signs none: only S3 does. The type that the object was stored with is
        what it is sent as. Signing asks nobody, but credentials that are lent by the machine
        (instance roles) are fetched when they run out.
        """
        check_key(key)
        if not isinstance(self._backend, S3Store):
            return None
        with object_errors("sign a link to", key):
            return obstore.sign(self._backend, "GET", key, lifetime)

    def download_to(self, key: str, path: Path) -> None:
        """Write the object to ``path``, which is complete or untouched.

        Raises :class:`ObjectMissing`, and :class:`OSError` when ``path`` cannot be written.
        """
        check_key(key)
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with open(os.open(part, _NEW_FILE, 0o600), "wb") as file:
                for chunk in self._read(key):
                    file.write(chunk)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def get_bytes(self, key: str) -> bytes:
        """Return the whole object, for those that are small; raises :class:`ObjectMissing`."""
        return b"".join(self._read(check_key(key)))

    def spool(self, key: str) -> Spooled:
        """Return the whole object, on the disk when it is large; raises :class:`ObjectMissing`."""
        spool = Spool()
        for chunk in self._read(check_key(key)):
            spool.write(chunk)
            if spool.unwritten >= BLOCK_BYTES:
                spool.flush()
        return spool.finish()

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the objects; keys that are not there are no error."""
        checked = [check_key(key) for key in keys]
        for first in range(0, len(checked), _DELETE_BATCH):
            self._delete_batch(checked[first : first + _DELETE_BATCH])

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key starts with the whole segments of ``prefix``, in any order.

        What lies there under a name that is no key was not put there by Hinode and is left out.
        """
        if prefix:
            check_key(prefix)
        with storage_errors("list", prefix):
            for batch in obstore.list(self._backend, prefix or None):
                yield from (_stored_object(found) for found in batch if is_key(found["path"]))

    def check(self) -> None:
        """Write, read back and delete a probe object; raises StorageError with a remedy."""
        key = f"probe/{secrets.token_hex(16)}"
        probe = secrets.token_bytes(32)
        self.put_bytes(key, probe, "application/octet-stream")
        try:
            answer = b"".join(self._read(key))
        finally:
            self.delete([key])
        if answer != probe:
            raise StorageError(
                "The object store gave back other bytes than were written.",
                hint="Look for a caching proxy in front of the bucket, or check the disk.",
            )

    def _put(self, key: str, source: Path | bytes, size: int, content_type: str) -> StoredObject:
        check_key(key)
        with storage_errors("write", key):
            self._write(key, source, content_type)
        return _check_size(self.head(key), size)

    def _write(self, key: str, source: Path | bytes, content_type: str) -> None:
        obstore.put(self._backend, key, source, attributes={"Content-Type": content_type})

    def _read(self, key: str) -> Iterator[bytes]:
        with object_errors("read", key):
            for chunk in obstore.get(self._backend, key).stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def _delete_batch(self, keys: Sequence[str]) -> None:
        try:
            with object_errors("delete", keys[0]):
                obstore.delete(self._backend, keys)
        except ObjectMissing:
            # Some stores stop at the first key that is gone: the others are still to do.
            for key in keys:
                self._delete_one(key)

    def _delete_one(self, key: str) -> None:
        with suppress(ObjectMissing), object_errors("delete", key):
            obstore.delete(self._backend, key)


def _stored_object(meta: ObjectMeta) -> StoredObject:
    return StoredObject(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])


def _check_size(stored: StoredObject, size: int) -> StoredObject:
    if stored.size != size:
        raise StorageError(
            f"{stored.key!r} was stored with {stored.size} of {size} bytes.",
            hint="The file changed while it was stored, or two writers share the key.",
        )
    return stored


def _range(start: int, end: int | None) -> GetOptions | None:
    if end is not None:
        return {"range": (start, end)}
    return {"range": {"offset": start}} if start else None


async def _chunks(key: str, stream: BytesStream) -> AsyncIterator[bytes]:
    with object_errors("read", key):
        async for chunk in stream:
            yield bytes(chunk)
