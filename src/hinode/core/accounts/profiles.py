"""Statements on profiles: e-mail address, password, display name and activation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.email_address import normalize_email
from hinode.core.accounts.tables import accounts, names, profiles
from hinode.core.accounts.types import Plan, Profile

EMAIL_DOMAIN = "hinode.internal"
"""Domain of generated addresses; ICANN reserves `.internal` for private use, so no mail leaves."""

_BATCH = 500  # ids of one IN clause; databases limit the number of bound parameters
_QUERY = (
    sa.select(
        accounts.c.id,
        accounts.c.name,
        accounts.c.plan,
        accounts.c.created_at,
        names.c.shown,
        profiles.c.email,
        profiles.c.display_name,
        profiles.c.activated_at,
    )
    .join(profiles, profiles.c.account_id == accounts.c.id)
    .join(names, names.c.owner_id == accounts.c.id, isouter=True)
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account and the hash of its password; None: it has no password and cannot log in."""

    account_id: UUID
    password: str | None


def insert(
    conn: sa.Connection,
    account_id: UUID,
    invite_code: str,
    *,
    email: str | None,
    password: str | None,
    activated_at: datetime | None,
) -> None:
    """Insert the profile of a new account; ``password`` is a hash.

    Raises ``IntegrityError`` when the address is taken.
    """
    conn.execute(
        profiles.insert().values(
            account_id=account_id,
            invite_code=invite_code,
            email=email,
            password=password,
            activated_at=activated_at,
        )
    )


def find(conn: sa.Connection, account_id: UUID) -> Profile | None:
    """Return the profile of an account; None for an unknown account."""
    row = conn.execute(_QUERY.where(accounts.c.id == account_id)).one_or_none()
    return _profile(row) if row else None


def find_many(conn: sa.Connection, account_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """Return the profiles by account id; unknown ids are left out."""
    found: dict[UUID, Profile] = {}
    for start in range(0, len(account_ids), _BATCH):
        some = account_ids[start : start + _BATCH]
        for row in conn.execute(_QUERY.where(accounts.c.id.in_(some))):
            found[row.id] = _profile(row)
    return found


def password_of(conn: sa.Connection, who: str) -> Credentials | None:
    """Find an account by e-mail address, then account name, then username, in any case.

    Return None when there is none, or it is banned.
    """
    folded = normalize_email(who)
    if not folded.isprintable():
        return None
    query = sa.select(profiles.c.account_id, profiles.c.password).join(
        accounts, accounts.c.id == profiles.c.account_id
    )
    for match in (
        profiles.c.email == folded,
        sa.func.lower(accounts.c.name) == folded,
        profiles.c.account_id
        == sa.select(names.c.owner_id).where(names.c.folded == folded).scalar_subquery(),
    ):
        row = conn.execute(query.where(match, accounts.c.banned_at.is_(None))).one_or_none()
        if row is not None:
            return Credentials(row.account_id, row.password)
    return None


def password_hash(conn: sa.Connection, account_id: UUID) -> str | None:
    """Return the hash of an account's password; None without one."""
    query = sa.select(profiles.c.password).where(profiles.c.account_id == account_id)
    return conn.scalar(query)


def change(conn: sa.Connection, account_id: UUID, **values: Any) -> None:
    """Set columns of a profile. Raises ``IntegrityError`` when the address is taken."""
    conn.execute(profiles.update().where(profiles.c.account_id == account_id).values(**values))


def activate(conn: sa.Connection, account_id: UUID, now: datetime) -> bool:
    """Activate an account; return False when it is active already. Compare-and-set."""
    fresh = (profiles.c.account_id == account_id) & profiles.c.activated_at.is_(None)
    return conn.execute(profiles.update().where(fresh).values(activated_at=now)).rowcount == 1


def _profile(row: Any) -> Profile:
    return Profile(
        account_id=row.id,
        account_name=row.name,
        plan=Plan(row.plan),
        username=row.shown,
        display_name=row.display_name or row.shown or row.name,
        email=row.email or f"{row.name.lower()}@{EMAIL_DOMAIN}",
        created_at=row.created_at,
        activated_at=row.activated_at,
    )
