"""Administer accounts: list, create and change them, grant credits, read ledger and usage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import invites, profiles, registration, service, usernames
from hinode.core.accounts import repository as accounts
from hinode.core.accounts.repository import BY_NAME, AccountFilter, AccountOrder
from hinode.core.accounts.tables import accounts as account_table
from hinode.core.accounts.types import (
    Account,
    Invites,
    Plan,
    PlanLimits,
    Profile,
    Role,
    UsernameKind,
)
from hinode.core.auth import sessions
from hinode.core.auth.signup import create_account
from hinode.core.auth.types import Caller
from hinode.core.credits import repository as ledger
from hinode.core.credits import service as credits
from hinode.core.credits.tables import balances
from hinode.core.credits.types import LedgerEntry
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import accounting, idempotency
from hinode.core.jobs.accounting import CreditSummary, Period, UsageRow
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.passwords import hash_password

if TYPE_CHECKING:
    from hinode.db.database import Database


class AccountSort(StrEnum):
    """The value that a list of accounts is sorted by."""

    CREATED = "created"
    NAME = "name"
    BALANCE = "balance"
    SPENT = "spent"


def _of_balance(value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    mine = balances.c.account_id == account_table.c.id
    return sa.select(value).where(mine).scalar_subquery()


_ALL = AccountFilter()
_MORE_THAN_ANY = sa.literal(2**62, sa.BigInteger)
_SORTED_BY: Mapping[AccountSort, sa.ColumnElement[Any]] = {
    AccountSort.NAME: BY_NAME,
    AccountSort.BALANCE: _of_balance(
        sa.case((balances.c.unlimited, _MORE_THAN_ANY), else_=balances.c.amount)
    ),
    AccountSort.SPENT: _of_balance(balances.c.spent),
}


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, its balance, held and spent credits, and its profile."""

    account: Account
    standing: CreditSummary
    profile: Profile


@dataclass(frozen=True, slots=True)
class AccountCreate:
    """The data of a new account; ``credits`` are granted in the same transaction, 0: none."""

    name: str
    plan: Plan = Plan.FREE
    unlimited: bool = False
    credits: int = 0
    role: Role = Role.USER
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """Fields of an account to update; None leaves a field unchanged."""

    plan: Plan | None = None
    unlimited: bool | None = None
    banned: bool | None = None
    role: Role | None = None
    local_only: bool | None = None
    email: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CreditGrant:
    """The ledger entry of a grant, and the current state of its account."""

    entry: LedgerEntry
    view: AccountView


@dataclass(frozen=True, slots=True)
class AccountAdmin:
    """Administration of accounts, by name or e-mail address.

    ``caller`` is None for a command on the server, which belongs to no account. All methods raise
    :class:`hinode.core.errors.HinodeError`.
    """

    db: Database
    clock: Clock
    plans: Mapping[Plan, PlanLimits]

    def page(
        self,
        wanted: PageQuery,
        chosen: AccountFilter = _ALL,
        sort: AccountSort = AccountSort.CREATED,
        *,
        descending: bool = False,
    ) -> Page[AccountView]:
        """Return a page of accounts; unlimited credits are more than any number."""
        order = AccountOrder(_SORTED_BY.get(sort), descending)
        with self.db.read() as conn:
            found = paginate(wanted, partial(accounts.page, conn, chosen, order))
            return found.of(_views(conn, found.items))

    def every(self) -> list[AccountView]:
        """Return all accounts, oldest first."""
        with self.db.read() as conn:
            return _views(conn, accounts.every(conn))

    def view(self, name: str) -> AccountView:
        """Return the account with this name or e-mail address."""
        with self.db.read() as conn:
            return _view(conn, service.get(conn, name))

    def create(self, new: AccountCreate) -> AccountView:
        """Create an account with its balance and first grant in one transaction."""
        with self.db.write() as conn:
            account = create_account(
                conn,
                new.name,
                new.plan,
                unlimited=new.unlimited,
                clock=self.clock,
                role=new.role,
            )
            if new.local_only:
                accounts.set_local_only(conn, account.id, True)
                account = replace(account, local_only=True)
            if new.credits:
                credits.grant(conn, account.id, new.credits, self.clock)
            return _view(conn, account)

    def change(self, caller: Caller | None, name: str, wanted: AccountUpdate) -> AccountView:
        """Update an account in one transaction.

        A new password, another role and a ban end its sessions. A banned account's keys are
        rejected; its unfinished jobs are still rendered. A caller cannot ban its own account or
        change its role: the credentials of the request would stop working, and with them perhaps
        the last ones that can undo it.
        """
        hashed = None
        if wanted.password is not None:
            # Slow on purpose, so it runs before the write transaction begins.
            hashed = hash_password(registration.check_password(wanted.password))
        with self.db.write() as conn:
            account = service.get(conn, name)
            if caller is not None and caller.account_id == account.id:
                _check_own(account, wanted)
            now = self.clock.now()
            _change_standing(conn, account.id, wanted, now)
            _change_identity(conn, account.id, wanted, hashed, now)
            # Not by the given name: it may be the previous e-mail address.
            return _view(conn, service.get(conn, account.name))

    def grant(
        self, caller: Caller | None, name: str, amount: int, key: str | None = None
    ) -> CreditGrant:
        """Grant credits to an account; a repeat with the same idempotency key grants nothing.

        ``key`` is the caller's idempotency key, or None. A repeat returns the first grant.
        """
        account, entry_id = self.view(name).account, new_id()
        claim = None
        if caller is not None and key is not None:
            # "grant" is in the fingerprint, so that a key of another kind of request conflicts.
            words = f"grant\0{account.id}\0{amount}".encode()
            claim = caller.account_id, IdempotencyKey(key, hashlib.sha256(words).hexdigest())
        if self._granted(claim) is None:
            with self.db.write() as conn:
                if claim is None or idempotency.claim(conn, *claim, entry_id, self.clock.now()):
                    credits.grant(conn, account.id, amount, self.clock, entry_id)
        entry_id = self._granted(claim) or entry_id
        with self.db.read() as conn:
            return CreditGrant(ledger.find(conn, entry_id), _view(conn, account))

    def debit(self, name: str, amount: int) -> AccountView:
        """Take credits from an account, as far as its balance goes."""
        with self.db.write() as conn:
            account = service.get(conn, name)
            credits.debit(conn, account.id, amount, self.clock)
            return _view(conn, account)

    def _granted(self, claim: tuple[UUID, IdempotencyKey] | None) -> UUID | None:
        """Return the id of the ledger entry of an account's idempotency key; None for a new key."""
        if claim is None:
            return None
        with self.db.read() as conn:
            return idempotency.find_job(conn, *claim)

    def ledger(self, name: str, wanted: PageQuery) -> Page[LedgerEntry]:
        """Return a page of an account's ledger, newest first."""
        with self.db.read() as conn:
            account = service.get(conn, name)
            return paginate(wanted, partial(ledger.page, conn, account.id))

    def invites(self, name: str) -> Invites:
        """Return the invite code of an account with its redemptions."""
        with self.db.read() as conn:
            return self._invites(conn, service.get(conn, name))

    def renew_invite(self, name: str) -> Invites:
        """Replace the invite code of an account; redemptions so far still count."""
        with self.db.write() as conn:
            account = service.get(conn, name)
            invites.renew(conn, account.id)
            return self._invites(conn, account)

    def _invites(self, conn: sa.Connection, account: Account) -> Invites:
        code, redeemed = invites.code_of(conn, account.id)
        return Invites(code, redeemed, self.plans[account.plan].invites)

    def usage(self, name: str, period: Period) -> list[UsageRow]:
        """Return the usage of an account by day, model and key."""
        with self.db.read() as conn:
            return accounting.usage(conn, service.get(conn, name).id, period)


def _change_standing(
    conn: sa.Connection, account_id: UUID, wanted: AccountUpdate, now: datetime
) -> None:
    if wanted.plan is not None:
        accounts.set_plan(conn, account_id, wanted.plan)
    if wanted.unlimited is not None:
        credits.set_unlimited(conn, account_id, unlimited=wanted.unlimited)
    if wanted.banned is not None:
        accounts.set_banned(conn, account_id, now if wanted.banned else None)
        if wanted.banned:
            sessions.revoke_all(conn, account_id, now)
    if wanted.local_only is not None:
        accounts.set_local_only(conn, account_id, wanted.local_only)
    if wanted.role is not None and accounts.set_role(conn, account_id, wanted.role):
        sessions.revoke_all(conn, account_id, now)


def _change_identity(
    conn: sa.Connection, account_id: UUID, wanted: AccountUpdate, hashed: str | None, now: datetime
) -> None:
    if wanted.email is not None:
        registration.change_email(conn, account_id, wanted.email)
    if wanted.username is not None:
        usernames.claim(conn, wanted.username, UsernameKind.ACCOUNT, account_id)
    if hashed is not None:
        profiles.change(conn, account_id, password=hashed)
        sessions.revoke_all(conn, account_id, now)


def _check_own(account: Account, wanted: AccountUpdate) -> None:
    """Raise :class:`HinodeError` for an update that an account cannot make of itself."""
    if wanted.banned:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "An account cannot be banned with a key of its own.",
            param="banned",
            hint="Use a key of another account, or `hinode account ban`.",
        )
    if wanted.role not in (None, account.role):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "An account cannot change its own role.",
            param="role",
            hint="Use another operator's account, or `hinode account set NAME --role`.",
        )


def _view(conn: sa.Connection, account: Account) -> AccountView:
    return _views(conn, [account])[0]


def _views(conn: sa.Connection, found: Sequence[Account]) -> list[AccountView]:
    summaries = accounting.credit_summaries(conn, [account.id for account in found])
    people = profiles.find_many(conn, [account.id for account in found])
    return [AccountView(one, summaries[one.id], people[one.id]) for one in found]
