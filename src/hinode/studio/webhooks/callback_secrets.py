"""The secret that signs an account's callbacks: made on first use, and kept sealed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hinode.kit.clock import Clock
from hinode.kit.sealing import SealBroken, Sealer
from hinode.kit.signing import new_signing_secret
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.webhooks.tables import callback_secrets


@dataclass(frozen=True, slots=True)
class CallbackSecrets:
    """The secrets of all accounts, one each; in the caller's transaction."""

    sealer: Sealer
    clock: Clock

    def sealed(self, conn: sa.Connection, account_id: UUID) -> str:
        """Return an account's secret as it is stored, made if need be."""
        query = sa.select(callback_secrets.c.secret).where(
            callback_secrets.c.account_id == account_id
        )
        stored: str | None = conn.scalar(query)
        if stored is None:
            self._make(conn, account_id)
            stored = conn.execute(query).scalar_one()
        return stored

    def shown(self, conn: sa.Connection, account_id: UUID) -> str:
        """Return an account's secret so that its owner can verify with it.

        Raises :class:`StudioError` when it was sealed with another key.
        """
        try:
            return self.sealer.open(self.sealed(conn, account_id))
        except SealBroken as error:
            raise StudioError(
                ErrorCode.WEBHOOK_UNREACHABLE,
                "This account's callback secret cannot be read on this server.",
                hint="Its operator restores sealing.key from a backup.",
            ) from error

    def _make(self, conn: sa.Connection, account_id: UUID) -> None:
        """Store a new secret unless another request was quicker."""
        dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(callback_secrets).values(
            account_id=account_id,
            secret=self.sealer.seal(new_signing_secret()),
            created_at=self.clock.now(),
        )
        conn.execute(statement.on_conflict_do_nothing())
