"""Invite codes: every account has one; its plan limits how often it can be redeemed."""

from __future__ import annotations

import secrets
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts, profiles
from hinode.core.accounts.types import Plan

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without I, L, O, 0 and 1, which are easily confused."""

_LENGTH = 10


def new_code() -> str:
    """Return a random code of about 49 bits; attempts to redeem are rate-limited."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def code_of(conn: sa.Connection, account_id: UUID) -> tuple[str, int]:
    """Return the code of an account and the number of times it was redeemed."""
    columns = sa.select(profiles.c.invite_code, profiles.c.redeemed)
    row = conn.execute(columns.where(profiles.c.account_id == account_id)).one()
    return row.invite_code, row.redeemed


def renew(conn: sa.Connection, account_id: UUID) -> None:
    """Give an account a new code; the old one is unknown from now on."""
    mine = profiles.c.account_id == account_id
    conn.execute(profiles.update().where(mine).values(invite_code=new_code()))


def host_of(conn: sa.Connection, code: str) -> tuple[UUID, Plan] | None:
    """Return the account that owns a code and its plan; None for an unknown code."""
    spelled = code.strip().upper()
    if not spelled.isalnum():  # no code; it may hold NUL, which PostgreSQL rejects
        return None
    query = sa.select(accounts.c.id, accounts.c.plan).join(
        profiles, profiles.c.account_id == accounts.c.id
    )
    row = conn.execute(query.where(profiles.c.invite_code == spelled)).one_or_none()
    return None if row is None else (row.id, Plan(row.plan))


def redeem(conn: sa.Connection, host_id: UUID, total: int) -> bool:
    """Count one redemption; return False when the code was redeemed ``total`` times.

    Check and count are one statement, so that concurrent redemptions cannot exceed the limit.
    """
    left = (profiles.c.account_id == host_id) & (profiles.c.redeemed < total)
    counted = profiles.update().where(left).values(redeemed=profiles.c.redeemed + 1)
    return conn.execute(counted).rowcount == 1
