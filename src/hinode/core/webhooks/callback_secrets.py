"""Signing secrets of the callbacks of accounts: created at first use, encrypted, rotated."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.webhooks.tables import callback_secrets
from hinode.core.webhooks.types import OLD_SECRET_LIFETIME
from hinode.kit.clock import Clock
from hinode.kit.secret_box import DecryptionError, SecretBox
from hinode.kit.webhook_signing import new_signing_secret

_OWN = callback_secrets.select().where(callback_secrets.c.account_id == sa.bindparam("account"))


@dataclass(frozen=True, slots=True)
class RotatedCallbackSecret:
    """A new secret; the previous one also signs until ``old_until``."""

    secret: str = field(repr=False)
    old_until: datetime


@dataclass(frozen=True, slots=True)
class CallbackSecrets:
    """The callback secrets of all accounts; every method runs in the caller's transaction."""

    secret_box: SecretBox
    clock: Clock

    def encrypted_secrets(self, conn: sa.Connection, account_id: UUID) -> list[str]:
        """Return the encrypted secrets that sign now, newest first."""
        row = self._row(conn, account_id)
        until = row.old_secret_until
        both = row.old_secret is not None and until is not None and self.clock.now() < until
        return [row.secret, row.old_secret] if both else [row.secret]

    def reveal(self, conn: sa.Connection, account_id: UUID) -> str:
        """Return an account's newest secret, so that its owner can verify signatures.

        Raises :class:`HinodeError` when it was encrypted with another key.
        """
        try:
            return self.secret_box.decrypt(self._row(conn, account_id).secret)
        except DecryptionError as error:
            raise HinodeError(
                ErrorCode.WEBHOOK_UNREACHABLE,
                "This account's callback secret was encrypted with another key.",
                hint="Rotate the secret, or ask the operator to restore the key.",
            ) from error

    def rotate(self, conn: sa.Connection, account_id: UUID) -> RotatedCallbackSecret:
        """Replace an account's secret; the old one also signs for 24 hours.

        After several rotations within that time only the newest two secrets sign.
        """
        self._row(conn, account_id)
        secret, until = new_signing_secret(), self.clock.now() + OLD_SECRET_LIFETIME
        conn.execute(
            callback_secrets.update()
            .where(callback_secrets.c.account_id == account_id)
            # Moved in SQL, not from the row read above: of two concurrent rotations the second
            # keeps the secret of the first as the old one.
            .values(
                old_secret=callback_secrets.c.secret,
                old_secret_until=until,
                secret=self.secret_box.encrypt(secret),
            )
        )
        return RotatedCallbackSecret(secret, until)

    def _row(self, conn: sa.Connection, account_id: UUID) -> sa.Row[tuple[Any, ...]]:
        """Return the row of an account; create it at first use."""
        row = conn.execute(_OWN, {"account": account_id}).one_or_none()
        if row is None:
            self._make(conn, account_id)
            row = conn.execute(_OWN, {"account": account_id}).one()
        return row

    def _make(self, conn: sa.Connection, account_id: UUID) -> None:
        """Store a new secret unless a concurrent request has stored one."""
        dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(callback_secrets).values(
            account_id=account_id,
            secret=self.secret_box.encrypt(new_signing_secret()),
            created_at=self.clock.now(),
        )
        conn.execute(statement.on_conflict_do_nothing())
