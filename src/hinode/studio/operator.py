"""What the operator does: accounts with their balances, and keys."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.studio.access import repository as keys
from hinode.studio.access import service as access
from hinode.studio.access.service import NewKey
from hinode.studio.access.types import Key, Scope
from hinode.studio.accounts import repository as accounts
from hinode.studio.accounts import service
from hinode.studio.accounts.types import Account, Plan
from hinode.studio.credits import repository as credits
from hinode.studio.credits.types import Balance

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class Operator:
    """The verbs behind `hinode account` and `hinode key`."""

    db: Database
    clock: Clock

    def create_account(self, name: str, plan: Plan, *, unlimited: bool) -> Account:
        """Add an account. Raises :class:`StudioError` when the name is bad or taken."""
        with self.db.write() as conn:
            return create_account(conn, name, plan, unlimited=unlimited, clock=self.clock)

    def list_accounts(self) -> list[tuple[Account, Balance]]:
        """Return all accounts with what they have."""
        with self.db.read() as conn:
            return [(one, credits.balance(conn, one.id)) for one in accounts.every(conn)]

    def create_key(
        self, account: str, name: str, *, scopes: Set[Scope], expires_at: datetime | None
    ) -> NewKey:
        """Make a key for an account. Raises :class:`StudioError` when the account is unknown."""
        with self.db.write() as conn:
            owner = service.get(conn, account)
            return access.create(
                conn, owner.id, name, scopes=scopes, expires_at=expires_at, clock=self.clock
            )

    def list_keys(self) -> list[tuple[Key, Account]]:
        """Return all keys with their accounts, oldest first."""
        with self.db.read() as conn:
            owners = {account.id: account for account in accounts.every(conn)}
            return [(key, owners[key.account_id]) for key in keys.every(conn)]

    def revoke_key(self, reference: str) -> Key:
        """Revoke the one key with this id, name, hint or secret. Raises :class:`StudioError`."""
        with self.db.write() as conn:
            return access.revoke(conn, reference, self.clock)


def create_account(
    conn: sa.Connection, name: str, plan: Plan, *, unlimited: bool, clock: Clock
) -> Account:
    """Add an account and its balance in the caller's transaction."""
    account = service.create(conn, name, plan, clock)
    credits.open_balance(conn, account.id, unlimited=unlimited)
    return account
