"""Usernames: one registry for people and characters, so that an @name means one of them.

The rules are those that names in clients of the Sora backend keep: 3 to 30 letters, digits, dots
and underscores, with a letter or a digit at both ends; unique whatever their case.
"""

from __future__ import annotations

import re
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import names
from hinode.core.accounts.types import UsernameKind, UsernameOwner
from hinode.core.errors import ErrorCode, HinodeError

SHORTEST, LONGEST = 3, 30
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._]*[A-Za-z0-9]")


def is_username(name: str) -> bool:
    """Say whether a name keeps the rules."""
    return SHORTEST <= len(name) <= LONGEST and _NAME.fullmatch(name) is not None


def check_username(name: str) -> str:
    """Return the name unchanged. Raises :class:`HinodeError` when it breaks the rules."""
    if not is_username(name):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A username has {SHORTEST} to {LONGEST} letters, digits, dots or underscores, and a"
            " letter or a digit at both ends.",
            param="username",
        )
    return name


def claim(conn: sa.Connection, name: str, kind: UsernameKind, owner_id: UUID) -> None:
    """Give a name to its owner, in place of the one it has.

    Raises :class:`HinodeError` with ``NAME_TAKEN`` when somebody else bears it, in any case, and
    with ``INVALID_VALUE`` when it is no username. Then the owner keeps the old one.
    """
    check_username(name)
    values = {"folded": name.lower(), "shown": name, "kind": kind.value, "owner_id": owner_id}
    try:
        with conn.begin_nested():
            release(conn, owner_id)
            conn.execute(names.insert().values(**values))
    except sa.exc.IntegrityError as error:
        raise HinodeError(
            ErrorCode.NAME_TAKEN,
            f"The username '{name}' is taken.",
            param="username",
            hint="Choose another one.",
        ) from error


def release(conn: sa.Connection, owner_id: UUID) -> None:
    """Let go of an owner's name, if it has one."""
    conn.execute(names.delete().where(names.c.owner_id == owner_id))


def owner_of(conn: sa.Connection, name: str) -> UsernameOwner | None:
    """Return who bears a name, whatever its case; nobody bears what is no name."""
    if not _NAME.fullmatch(name):
        return None
    row = conn.execute(names.select().where(names.c.folded == name.lower())).one_or_none()
    return None if row is None else UsernameOwner(UsernameKind(row.kind), row.owner_id, row.shown)


def begin_with(prefix: str) -> sa.ColumnElement[bool]:
    """Say which names begin like this, whatever their case, with all that an index can help.

    Databases sort dots and underscores differently, but none has a name behind its own beginning
    and the most z that can follow it.
    """
    folded = prefix.lower()
    return sa.and_(
        names.c.folded >= folded,
        names.c.folded <= folded + "z" * LONGEST,
        names.c.folded.startswith(folded, autoescape=True),
    )


def accounts_like(conn: sa.Connection, prefix: str, limit: int) -> list[UUID]:
    """Return accounts whose names begin like this, in the order of their names."""
    query = (
        sa.select(names.c.owner_id)
        .where(begin_with(prefix), names.c.kind == UsernameKind.ACCOUNT.value)
        .order_by(names.c.folded)
        .limit(limit)
    )
    return list(conn.scalars(query))
