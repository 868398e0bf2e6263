"""Create, list, read and delete uploaded files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth.types import Caller
from hinode.core.credits import repository as balances
from hinode.core.files import repository, rules
from hinode.core.files.storage_quota import StorageQuota
from hinode.core.files.types import File, NewFile
from hinode.core.pagination import Page
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.spool import Spooled
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore

HEAD_BYTES = 64
"""Number of first bytes from which the content type is detected."""


@dataclass(frozen=True, slots=True)
class FileService:
    """Uploaded files of callers; all methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    clock: Clock
    quota: StorageQuota = field(default_factory=StorageQuota)

    def check(self, caller: Caller, new: NewFile) -> str:
        """Return the content type of an upload; raise the errors that need no decoding."""
        rules.check_metadata(new)
        content_type = rules.content_type_of(new.purpose, new.content.head(HEAD_BYTES))
        with self.db.read() as conn:
            self.quota.check(conn, caller.account_id, new.content.size)
        return content_type

    def create(self, caller: Caller, new: NewFile) -> File:
        """Store a file, its bytes unchanged; images and videos were decoded before."""
        content_type = self.check(caller, new)
        now, lifetime, file_id = (
            self.clock.now(),
            rules.lifetime(new.purpose, new.lifetime),
            new_id(),
        )
        file = File(
            id=file_id,
            account_id=caller.account_id,
            name=new.name,
            purpose=new.purpose,
            content_type=content_type,
            bytes=new.content.size,
            key=f"files/{file_id.hex}",
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        self.store.put_file(file.key, new.content.path, content_type)
        try:
            with self.db.write() as conn:
                balances.lock(conn, file.account_id)
                self.quota.check(conn, file.account_id, file.bytes)
                repository.insert(conn, file)
        except BaseException:
            self.store.delete([file.key])
            raise
        return file

    def get(self, caller: Caller, file_id: UUID) -> File:
        """Return a file of the caller's account."""
        with self.db.read() as conn:
            return rules.get(conn, caller.account_id, file_id, self.clock)

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
    ) -> Page[File]:
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

    def read(self, caller: Caller, file_id: UUID) -> Spooled:
        """Return the content of a file of the caller's account."""
        try:
            return self.store.spool(self.get(caller, file_id).key)
        except ObjectMissing:
            raise rules.not_found() from None

    def delete(self, caller: Caller, file_id: UUID) -> None:
        """Delete a file. Jobs that were created with it have their own copies."""
        with self.db.write() as conn:
            file = rules.get(conn, caller.account_id, file_id, self.clock)
            keys = repository.delete(conn, [file.id])
        self.store.delete(keys)
