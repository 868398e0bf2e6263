"""Reading and writing accounts."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.studio.accounts.tables import accounts
from hinode.studio.accounts.types import Account, Plan


def insert(conn: sa.Connection, account: Account) -> None:
    """Add an account. Raises ``IntegrityError`` when the name is taken in any case."""
    conn.execute(
        accounts.insert().values(
            id=account.id,
            name=account.name,
            plan=account.plan.value,
            created_at=account.created_at,
        )
    )


def by_name(conn: sa.Connection, name: str) -> Account | None:
    """Find an account by its name, whatever its case."""
    row = conn.execute(
        accounts.select().where(sa.func.lower(accounts.c.name) == name.lower())
    ).one_or_none()
    return _account(row) if row else None


def every(conn: sa.Connection) -> list[Account]:
    """Return all accounts, oldest first."""
    return [_account(row) for row in conn.execute(accounts.select().order_by(accounts.c.id))]


def set_plan(conn: sa.Connection, account_id: UUID, plan: Plan) -> None:
    """Change an account's plan."""
    conn.execute(accounts.update().where(accounts.c.id == account_id).values(plan=plan.value))


def _account(row: sa.Row[tuple[object, ...]]) -> Account:
    return Account(id=row.id, name=row.name, plan=Plan(row.plan), created_at=row.created_at)
