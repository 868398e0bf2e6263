"""Usernames that nobody may take, because others would believe them to be an operator.

Those are some reserved words, the names of accounts with an administrator's key, and what looks
like one of them in ASCII: ``l``, ``1`` and ``I``, ``o`` and ``0``, dots and underscores.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts, names
from hinode.core.accounts.types import ADMIN
from hinode.core.auth.tables import keys
from hinode.core.auth.types import Scope
from hinode.core.errors import ErrorCode, HinodeError

RESERVED = frozenset(
    {
        ADMIN, "administrator", "hinode", "moderation", "moderator", "official", "openai",
        "operator", "owner", "root", "security", "sora", "staff", "superuser", "support",
        "sysadmin", "system", "team", "webmaster",
    }
)  # fmt: skip
"""Words of which a username may be neither one nor a lookalike."""

_LOOKALIKES = str.maketrans({"1": "l", "i": "l", "0": "o", ".": None, "_": None})


def lookalike_key(name: str) -> str:
    """Return a text that is the same for all names that look alike."""
    return name.lower().translate(_LOOKALIKES)


_RESERVED_KEYS = frozenset(map(lookalike_key, RESERVED))


def is_reserved(conn: sa.Connection, name: str, account_id: UUID) -> bool:
    """Return whether this account may not have the name; operators may have any."""
    operators = _operators(conn)
    if account_id in operators:
        return False
    key = lookalike_key(name)
    return key in _RESERVED_KEYS or any(key in found for found in operators.values())


def check_not_reserved(conn: sa.Connection, name: str, account_id: UUID) -> None:
    """Raise :class:`HinodeError` when this account may not have the name."""
    if is_reserved(conn, name, account_id):
        raise HinodeError(
            ErrorCode.NAME_TAKEN,
            f"The username '{name}' is reserved, or looks like that of an operator.",
            param="username",
            hint="Choose one that cannot be mistaken for an operator's.",
        )


def _operators(conn: sa.Connection) -> dict[UUID, set[str]]:
    """Return the lookalike keys of operators' names by account."""
    scopes = sa.literal(",") + keys.c.scopes + ","
    query = (
        sa.select(accounts.c.id, accounts.c.name, names.c.folded)
        .join(keys, keys.c.account_id == accounts.c.id)
        .outerjoin(names, names.c.owner_id == accounts.c.id)
        .where(scopes.contains(f",{Scope.ADMIN.value},"), keys.c.revoked_at.is_(None))
    )
    found: dict[UUID, set[str]] = {}
    for row in conn.execute(query):
        shown = [row.name, row.folded] if row.folded else [row.name]
        found.setdefault(row.id, set()).update(map(lookalike_key, shown))
    return found
