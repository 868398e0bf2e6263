"""Create, list, read and delete uploaded files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth.types import Caller
from hinode.core.files import repository, service
from hinode.core.files.types import File, FilePage, NewFile
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class FileService:
    """Uploaded files of callers; all methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    clock: Clock

    def create(self, caller: Caller, new: NewFile) -> File:
        """Store an image or an MP4 video, its bytes unchanged."""
        service.check_metadata(new)
        content_type = service.check_content(new.data)
        now, lifetime, file_id = self.clock.now(), service.lifetime(new), new_id()
        file = File(
            id=file_id,
            account_id=caller.account_id,
            name=new.name,
            purpose=new.purpose,
            content_type=content_type,
            bytes=len(new.data),
            key=f"files/{file_id.hex}",
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        self.store.put_bytes(file.key, new.data, content_type)
        try:
            with self.db.write() as conn:
                repository.insert(conn, file)
        except BaseException:
            self.store.delete([file.key])
            raise
        return file

    def get(self, caller: Caller, file_id: UUID) -> File:
        """Return a file of the caller's account."""
        with self.db.read() as conn:
            return service.get(conn, caller.account_id, file_id, self.clock)

    def find_any(self, file_id: UUID) -> File | None:
        """Return a file of any account, None when unknown or expired; the caller checks access."""
        with self.db.read() as conn:
            return repository.find(conn, file_id, self.clock.now())

    def page(
        self,
        caller: Caller,
        *,
        purpose: str | None,
        limit: int,
        after: UUID | None,
        ascending: bool,
    ) -> FilePage:
        """Return a page of the account's files after the id ``after``; None: all purposes."""
        with self.db.read() as conn:
            return repository.page(
                conn,
                caller.account_id,
                purpose=purpose,
                limit=limit,
                after=after,
                ascending=ascending,
                now=self.clock.now(),
            )

    def read(self, caller: Caller, file_id: UUID) -> bytes:
        """Return the content of a file of the caller's account."""
        return self.store.get_bytes(self.get(caller, file_id).key)

    def delete(self, caller: Caller, file_id: UUID) -> None:
        """Delete a file. Jobs that were created with it have their own copies."""
        with self.db.write() as conn:
            file = service.get(conn, caller.account_id, file_id, self.clock)
            keys = repository.delete(conn, [file.id])
        self.store.delete(keys)
