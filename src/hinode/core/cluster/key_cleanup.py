"""Clean up after a rotation: encrypt stored secrets anew, delete keys that have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from hinode.core.cluster import repository
from hinode.core.cluster.keyring import Keyring
from hinode.core.cluster.types import KeyPurpose
from hinode.kit.secret_box import DecryptionError, SecretBox

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger("hinode.cluster")

_MIN_AGE = timedelta(hours=1)
"""Age of the current key below which a slow process may still encrypt with the one before."""


@dataclass(frozen=True, slots=True)
class KeyCleanup:
    """Goes over the encrypted columns of all domains; safe to run in several processes."""

    keyring: Keyring
    secret_box: SecretBox
    columns: Sequence[sa.Column[Any]]

    def run(self) -> int:
        """Delete keys that have ended; encrypt with the current key what is not.

        Return the number of texts that were encrypted anew.
        """
        with self.keyring.db.write() as conn:
            repository.delete_ended(conn, self.keyring.clock.now())
        return self._encrypt_anew()

    def _encrypt_anew(self) -> int:
        now = self.keyring.clock.now()
        signing = [k for k in self.keyring.keys(KeyPurpose.ENCRYPTION) if k.signs_at <= now]
        if len(signing) < 2 or now - signing[0].signs_at < _MIN_AGE:
            return 0
        changed = sum(self._change(*one) for column in self.columns for one in self._old(column))
        with self.keyring.db.write() as conn:
            unused = [one.id for one in signing[1:] if not self._is_used(conn, f"{one.id}.")]
            repository.delete(conn, KeyPurpose.ENCRYPTION, unused)
        return changed

    def _old(self, column: sa.Column[Any]) -> Iterator[tuple[sa.Column[Any], str]]:
        current = self.secret_box.prefix()
        with self.keyring.db.read() as conn:
            found = list(conn.scalars(sa.select(column).where(~column.startswith(current))))
        return ((column, text) for text in found)

    def _change(self, column: sa.Column[Any], old: str) -> int:
        try:
            new = self.secret_box.encrypt(self.secret_box.decrypt(old))
        except DecryptionError as error:
            log.warning("a stored secret cannot be read", column=str(column), reason=str(error))
            return 0
        with self.keyring.db.write() as conn:
            # By its old text, which is unique: a value that changed meanwhile is current already.
            changed = sa.update(column.table).where(column == old).values({column: new})
            return conn.execute(changed).rowcount

    def _is_used(self, conn: sa.Connection, prefix: str) -> bool:
        return any(
            conn.scalar(sa.select(sa.exists().where(column.startswith(prefix))))
            for column in self.columns
        )
