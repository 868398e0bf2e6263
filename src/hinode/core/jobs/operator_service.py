"""Operations of the operator's commands on accounts, credits and API keys."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hinode.core.accounts import repository as accounts
from hinode.core.accounts import service
from hinode.core.accounts.types import Account, Plan
from hinode.core.auth import api_keys as access
from hinode.core.auth import repository as keys
from hinode.core.auth.api_keys import KeyWithSecret
from hinode.core.auth.signup import create_account
from hinode.core.auth.types import UNLIMITED, Key, KeyLimits, Scope
from hinode.core.credits import repository as balances
from hinode.core.credits import service as credits
from hinode.core.credits.types import Balance
from hinode.core.jobs.accounting import CreditSummary, credit_summary
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class AdminCommands:
    """Operations of `hinode account` and `hinode key`; accounts by name or e-mail address."""

    db: Database
    clock: Clock

    def create_account(
        self, name: str, plan: Plan, *, unlimited: bool = False, amount: int = 0
    ) -> Account:
        """Create an account and grant it ``amount`` credits (0: none).

        Raises :class:`HinodeError` when the name is invalid or taken.
        """
        with self.db.write() as conn:
            account = create_account(conn, name, plan, unlimited=unlimited, clock=self.clock)
            if amount:
                credits.grant(conn, account.id, amount, self.clock)
            return account

    def grant(self, account: str, amount: int) -> Balance:
        """Grant credits to an account; return its new balance.

        Raises :class:`HinodeError` when the account is unknown or the amount out of range.
        """
        with self.db.write() as conn:
            owner = service.get(conn, account)
            credits.grant(conn, owner.id, amount, self.clock)
            return balances.balance(conn, owner.id)

    def list_accounts(self) -> list[tuple[Account, CreditSummary]]:
        """Return all accounts with their balance, held and spent credits, oldest first."""
        with self.db.read() as conn:
            return [(one, credit_summary(conn, one.id)) for one in accounts.every(conn)]

    def ban(self, account: str, *, banned: bool) -> None:
        """Ban an account, or lift its ban.

        Its keys and tokens are rejected; its unfinished jobs are still rendered.
        Raises :class:`HinodeError` when the account is unknown.
        """
        with self.db.write() as conn:
            owner = service.get(conn, account)
            accounts.set_banned(conn, owner.id, self.clock.now() if banned else None)

    def create_key(
        self,
        account: str,
        name: str,
        *,
        scopes: Set[Scope],
        expires_at: datetime | None,
        limits: KeyLimits = UNLIMITED,
    ) -> KeyWithSecret:
        """Create a key of an account; its secret is returned this once.

        Raises :class:`HinodeError` when the account is unknown or a value is invalid.
        """
        with self.db.write() as conn:
            return access.create(
                conn,
                service.get(conn, account).id,
                name,
                scopes=scopes,
                expires_at=expires_at,
                clock=self.clock,
                limits=limits,
            )

    def list_keys(self) -> list[tuple[Key, Account]]:
        """Return all keys with their accounts, oldest first."""
        with self.db.read() as conn:
            owners = {account.id: account for account in accounts.every(conn)}
            return [(key, owners[key.account_id]) for key in keys.every(conn)]

    def revoke_key(self, reference: str) -> Key:
        """Revoke the key with this id, name, hint or secret.

        Raises :class:`HinodeError` unless exactly one key that is not revoked matches.
        """
        with self.db.write() as conn:
            return access.revoke(conn, reference, self.clock)

    def disable_key(self, reference: str) -> Key:
        """Disable a key until it is enabled. Raises as :meth:`revoke_key`."""
        with self.db.write() as conn:
            return access.disable(conn, reference, self.clock)

    def enable_key(self, reference: str) -> Key:
        """Enable a disabled key. Raises as :meth:`revoke_key`."""
        with self.db.write() as conn:
            return access.enable(conn, reference)
