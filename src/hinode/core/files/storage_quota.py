"""The bytes that an account may keep: its uploaded files, and the inputs of its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets import repository as assets
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files import repository


@dataclass(frozen=True, slots=True)
class StorageQuota:
    """The limit of each account in bytes; 0: no limit."""

    limit: int = 0

    def check(self, conn: sa.Connection, account_id: UUID, added: int) -> None:
        """Raise :class:`HinodeError` when the account may not keep ``added`` bytes more.

        The result holds for as long as the account's balance is locked.
        """
        if not self.limit:
            return
        kept = repository.kept_bytes(conn, account_id) + assets.kept_input_bytes(conn, account_id)
        if kept + added > self.limit:
            raise HinodeError(
                ErrorCode.STORAGE_QUOTA,
                f"The account keeps {kept} bytes of files and inputs; its limit is {self.limit}, "
                f"and this request adds {added}.",
                hint="Delete files, or jobs that were made from some.",
            )
