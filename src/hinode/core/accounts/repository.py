"""Statements on accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.email_address import normalize_email
from hinode.core.accounts.tables import accounts, names, profiles
from hinode.core.accounts.types import Account, Plan, Role


def insert(conn: sa.Connection, account: Account) -> None:
    """Insert an account. Raises ``IntegrityError`` when the name is taken, in any case."""
    conn.execute(
        accounts.insert().values(
            id=account.id,
            name=account.name,
            plan=account.plan.value,
            created_at=account.created_at,
            role=account.role.value,
            local_only=account.local_only,
        )
    )


def by_name(conn: sa.Connection, name: str) -> Account | None:
    """Find an account by its name or e-mail address, in any case; None when there is none."""
    if "@" in name:  # account names cannot contain it
        mine = profiles.c.account_id == accounts.c.id
        email = normalize_email(name)
        query = sa.select(accounts).join(profiles, mine).where(profiles.c.email == email)
    else:
        query = sa.select(accounts).where(sa.func.lower(accounts.c.name) == name.lower())
    row = conn.execute(query).one_or_none()
    return _account(row) if row else None


def every(conn: sa.Connection) -> list[Account]:
    """Return all accounts, oldest first."""
    return [_account(row) for row in conn.execute(accounts.select().order_by(accounts.c.id))]


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """The accounts to find; None matches all.

    ``text`` is a part of the name, e-mail address or username, in any case.
    """

    text: str | None = None
    role: Role | None = None
    banned: bool | None = None


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """The order of a list: by ``value``, None: by their creation; accounts that agree by that."""

    value: sa.ColumnElement[Any] | None = None
    descending: bool = False

    def columns(self) -> list[sa.ColumnElement[Any]]:
        """Return what the list is ordered by, the id last."""
        return [accounts.c.id] if self.value is None else [self.value, accounts.c.id]


BY_NAME = sa.func.lower(accounts.c.name)


def page(
    conn: sa.Connection,
    chosen: AccountFilter,
    order: AccountOrder,
    after: UUID | None,
    limit: int,
) -> list[Account]:
    """Return up to ``limit`` accounts that follow the account ``after``."""
    columns, query = order.columns(), accounts.select().where(*_conditions(chosen))
    if after is not None:
        edge = conn.execute(sa.select(*columns).where(accounts.c.id == after)).one_or_none()
        if edge is None:
            return []
        here, there = sa.tuple_(*columns), tuple(edge)
        query = query.where(here < there if order.descending else here > there)
    sorted_by = [one.desc() if order.descending else one for one in columns]
    rows = conn.execute(query.order_by(*sorted_by).limit(limit))
    return [_account(row) for row in rows]


def _conditions(chosen: AccountFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.text:
        folded = chosen.text.lower()
        mine = profiles.c.account_id == accounts.c.id
        found.append(
            sa.func.lower(accounts.c.name).contains(folded, autoescape=True)
            | sa.exists().where(mine, profiles.c.email.contains(folded, autoescape=True))
            | sa.exists().where(
                names.c.owner_id == accounts.c.id,
                names.c.folded.contains(folded, autoescape=True),
            )
        )
    if chosen.role is not None:
        found.append(accounts.c.role == chosen.role.value)
    if chosen.banned is not None:
        banned_at = accounts.c.banned_at
        found.append(banned_at.is_not(None) if chosen.banned else banned_at.is_(None))
    return found


def by_ids(conn: sa.Connection, account_ids: Collection[UUID]) -> dict[UUID, Account]:
    """Return the accounts by id; unknown ids are left out."""
    rows = conn.execute(accounts.select().where(accounts.c.id.in_(account_ids)))
    return {row.id: _account(row) for row in rows}


def set_plan(conn: sa.Connection, account_id: UUID, plan: Plan) -> None:
    """Set the plan of an account."""
    conn.execute(accounts.update().where(accounts.c.id == account_id).values(plan=plan.value))


def set_role(conn: sa.Connection, account_id: UUID, role: Role) -> bool:
    """Set the role of an account; return False if it has that one already. Compare-and-set."""
    other = (accounts.c.id == account_id) & (accounts.c.role != role.value)
    return conn.execute(accounts.update().where(other).values(role=role.value)).rowcount == 1


def set_local_only(conn: sa.Connection, account_id: UUID, local_only: bool) -> None:
    """Keep the jobs of an account in the house, or no longer."""
    conn.execute(accounts.update().where(accounts.c.id == account_id).values(local_only=local_only))


def is_local_only(conn: sa.Connection, account_id: UUID) -> bool:
    """Return whether the jobs of an account stay in the house."""
    return bool(conn.scalar(sa.select(accounts.c.local_only).where(accounts.c.id == account_id)))


def any_local_only(conn: sa.Connection, account_ids: Collection[UUID]) -> bool:
    """Return whether one of the accounts is local only."""
    if not account_ids:
        return False
    query = sa.select(accounts.c.id).where(accounts.c.id.in_(account_ids), accounts.c.local_only)
    return conn.scalar(query.limit(1)) is not None


def set_banned(conn: sa.Connection, account_id: UUID, at: datetime | None) -> None:
    """Ban an account, or with None lift its ban; a ban in force keeps its time."""
    change = accounts.update().where(accounts.c.id == account_id)
    if at is not None:
        change = change.where(accounts.c.banned_at.is_(None))
    conn.execute(change.values(banned_at=at))


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    return Account(
        row.id,
        row.name,
        Plan(row.plan),
        row.created_at,
        row.banned_at,
        Role(row.role),
        row.local_only,
    )
