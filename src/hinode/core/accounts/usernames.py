"""The registry of usernames, shared by accounts and characters: an @name is unambiguous.

The rules are those of names in clients of the Sora backend: 3 to 30 letters, digits, dots and
underscores, with a letter or a digit at both ends; unique in any case.
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
    """Return whether a name follows the rules."""
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
    """Give a username to its owner; it replaces the owner's previous one.

    Raises :class:`HinodeError` with ``NAME_TAKEN`` when another owner has it, in any case, and
    with ``INVALID_VALUE`` when it breaks the rules; the owner then keeps the previous one.
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
    """Delete the username of an owner, if there is one."""
    conn.execute(names.delete().where(names.c.owner_id == owner_id))


def owner_of(conn: sa.Connection, name: str) -> UsernameOwner | None:
    """Return the owner of a username, in any case; None when nobody has it."""
    if not _NAME.fullmatch(name):
        return None
    row = conn.execute(names.select().where(names.c.folded == name.lower())).one_or_none()
    return None if row is None else UsernameOwner(UsernameKind(row.kind), row.owner_id, row.shown)


def begin_with(prefix: str) -> sa.ColumnElement[bool]:
    """Return the condition that a username begins with a prefix, in any case.

    The range lets the database use its index. Collations sort dots and underscores differently,
    but in each of them the prefix followed by z's sorts after every name with the prefix.
    """
    folded = prefix.lower()
    return sa.and_(
        names.c.folded >= folded,
        names.c.folded <= folded + "z" * LONGEST,
        names.c.folded.startswith(folded, autoescape=True),
    )


def accounts_like(conn: sa.Connection, prefix: str, limit: int) -> list[UUID]:
    """Return up to ``limit`` accounts whose usernames begin with a prefix, by username."""
    query = (
        sa.select(names.c.owner_id)
        .where(begin_with(prefix), names.c.kind == UsernameKind.ACCOUNT.value)
        .order_by(names.c.folded)
        .limit(limit)
    )
    return list(conn.scalars(query))
