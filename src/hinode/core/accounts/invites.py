"""Invite codes: every account has one, and it can be redeemed so often."""

from __future__ import annotations

import secrets
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts, profiles
from hinode.core.accounts.types import Plan

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that people mistake for another."""

_LENGTH = 10


def new_code() -> str:
    """Return a random code (about 49 bits; guessing is paced where codes are taken)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def code_of(conn: sa.Connection, account_id: UUID) -> tuple[str, int]:
    """Return an account's code and how often it was redeemed."""
    columns = sa.select(profiles.c.invite_code, profiles.c.redeemed)
    row = conn.execute(columns.where(profiles.c.account_id == account_id)).one()
    return row.invite_code, row.redeemed


def host_of(conn: sa.Connection, code: str) -> tuple[UUID, Plan] | None:
    """Return whose code it is, and their plan."""
    spelled = code.strip().upper()
    if not spelled.isalnum():  # nor is it anything that a database does not take
        return None
    query = sa.select(accounts.c.id, accounts.c.plan).join(
        profiles, profiles.c.account_id == accounts.c.id
    )
    row = conn.execute(query.where(profiles.c.invite_code == spelled)).one_or_none()
    return None if row is None else (row.id, Plan(row.plan))


def redeem(conn: sa.Connection, host_id: UUID, total: int) -> bool:
    """Count one more guest; False when ``total`` have come. Safe under races: one statement."""
    left = (profiles.c.account_id == host_id) & (profiles.c.redeemed < total)
    counted = profiles.update().where(left).values(redeemed=profiles.c.redeemed + 1)
    return conn.execute(counted).rowcount == 1
