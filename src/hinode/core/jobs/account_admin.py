"""Administer accounts: list, create, update and ban them, grant credits, read ledger and usage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.accounts import service
from hinode.core.accounts.types import Account, Plan
from hinode.core.auth.signup import create_account
from hinode.core.auth.types import Caller
from hinode.core.credits import repository as ledger
from hinode.core.credits import service as credits
from hinode.core.credits.types import LedgerEntry
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, idempotency
from hinode.core.jobs.accounting import CreditSummary, Period, UsageRow
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account and its balance, held and spent credits."""

    account: Account
    standing: CreditSummary


@dataclass(frozen=True, slots=True)
class AccountCreate:
    """The data of a new account; ``credits`` are granted in the same transaction, 0: none."""

    name: str
    plan: Plan
    unlimited: bool
    credits: int


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """Fields of an account to update; None leaves a field unchanged."""

    plan: Plan | None
    unlimited: bool | None
    banned: bool | None


@dataclass(frozen=True, slots=True)
class CreditGrant:
    """The ledger entry of a grant, and the current state of its account."""

    entry: LedgerEntry
    view: AccountView


@dataclass(frozen=True, slots=True)
class AccountAdmin:
    """Administration of accounts, by name or e-mail address.

    All methods raise :class:`hinode.core.errors.HinodeError`.
    """

    db: Database
    clock: Clock

    def page(self, wanted: PageQuery) -> Page[AccountView]:
        """Return a page of accounts, oldest first."""
        with self.db.read() as conn:
            found = paginate(wanted, partial(accounts.page, conn))
            return Page([_view(conn, one) for one in found.items], found.has_more)

    def view(self, name: str) -> AccountView:
        """Return the account with this name or e-mail address."""
        with self.db.read() as conn:
            return _view(conn, service.get(conn, name))

    def create(self, new: AccountCreate) -> AccountView:
        """Create an account with its balance and first grant in one transaction."""
        with self.db.write() as conn:
            account = create_account(
                conn, new.name, new.plan, unlimited=new.unlimited, clock=self.clock
            )
            if new.credits:
                credits.grant(conn, account.id, new.credits, self.clock)
            return _view(conn, account)

    def change(self, caller: Caller, name: str, wanted: AccountUpdate) -> AccountView:
        """Update an account in one transaction.

        A caller cannot ban its own account: the key of the request would stop working, and with it
        perhaps the last one that can lift the ban.
        """
        with self.db.write() as conn:
            account = service.get(conn, name)
            if wanted.plan is not None:
                accounts.set_plan(conn, account.id, wanted.plan)
            if wanted.unlimited is not None:
                credits.set_unlimited(conn, account.id, unlimited=wanted.unlimited)
            if wanted.banned is not None:
                _refuse_own_ban(caller, account, banned=wanted.banned)
                accounts.set_banned(conn, account.id, self.clock.now() if wanted.banned else None)
            return _view(conn, service.get(conn, name))

    def grant(self, caller: Caller, name: str, amount: int, key: str | None) -> CreditGrant:
        """Grant credits to an account; a repeat with the same idempotency key grants nothing.

        ``key`` is the caller's idempotency key, or None. A repeat returns the first grant.
        """
        account, entry_id = self.view(name).account, new_id()
        # Part of the fingerprint, so that a key of another kind of request conflicts.
        words = f"grant\0{account.id}\0{amount}".encode()
        idempotency_key = (
            None if key is None else IdempotencyKey(key, hashlib.sha256(words).hexdigest())
        )
        if self._granted(caller, idempotency_key) is None:
            with self.db.write() as conn:
                if idempotency_key is None or idempotency.claim(
                    conn, caller.account_id, idempotency_key, entry_id, self.clock.now()
                ):
                    credits.grant(conn, account.id, amount, self.clock, entry_id)
        entry_id = self._granted(caller, idempotency_key) or entry_id
        with self.db.read() as conn:
            return CreditGrant(ledger.find(conn, entry_id), _view(conn, account))

    def _granted(self, caller: Caller, idempotency_key: IdempotencyKey | None) -> UUID | None:
        """Return the id of the ledger entry of an idempotency key; None for a new key."""
        if idempotency_key is None:
            return None
        with self.db.read() as conn:
            return idempotency.find_job(conn, caller.account_id, idempotency_key)

    def ledger(self, name: str, wanted: PageQuery) -> Page[LedgerEntry]:
        """Return a page of an account's ledger, newest first."""
        with self.db.read() as conn:
            account = service.get(conn, name)
            return paginate(wanted, partial(ledger.page, conn, account.id))

    def usage(self, name: str, period: Period) -> list[UsageRow]:
        """Return the usage of an account by day, model and key."""
        with self.db.read() as conn:
            return accounting.usage(conn, service.get(conn, name).id, period)


def _refuse_own_ban(caller: Caller, account: Account, *, banned: bool) -> None:
    if banned and account.id == caller.account_id:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "An account cannot be banned with a key of its own.",
            param="banned",
            hint="Use a key of another account, or `hinode account ban`.",
        )


def _view(conn: sa.Connection, account: Account) -> AccountView:
    return AccountView(account, accounting.credit_summary(conn, account.id))
