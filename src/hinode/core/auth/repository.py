"""Statements on API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.auth.key_limits import from_row, to_columns
from hinode.core.auth.tables import keys
from hinode.core.auth.types import Key, Scope
from hinode.db.compiled_statement import CompiledStatement

# A ban of the account disables its keys, and what is local only is so for its keys; the join saves
# a second read in every request.
_OF_ACCOUNT = (keys.c.disabled_at, keys.c.local_only)
_WITH_ACCOUNT = sa.select(
    *(column for column in keys.c if not any(column is one for one in _OF_ACCOUNT)),
    sa.func.coalesce(keys.c.disabled_at, accounts.c.banned_at).label("disabled_at"),
    (keys.c.local_only | accounts.c.local_only).label("local_only"),
).join(accounts, accounts.c.id == keys.c.account_id)
_BY_DIGEST = CompiledStatement(_WITH_ACCOUNT.where(keys.c.digest == sa.bindparam("digest")))

_ADD = CompiledStatement(
    keys.update()
    .where(keys.c.id == sa.bindparam("key"))
    .values(
        spent=keys.c.spent + sa.bindparam("credits"),
        unfinished=keys.c.unfinished + sa.bindparam("jobs"),
    )
)
_SUMS = CompiledStatement(
    sa.select(keys.c.spent, keys.c.unfinished).where(keys.c.id == sa.bindparam("key"))
)


def insert(conn: sa.Connection, key: Key) -> None:
    """Insert a key."""
    conn.execute(
        keys.insert().values(
            id=key.id,
            account_id=key.account_id,
            name=key.name,
            digest=key.digest,
            hint=key.hint,
            scopes=",".join(sorted(key.scopes)),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            disabled_at=key.disabled_at,
            strict_fields=key.strict_fields,
            **to_columns(key.limits),
        )
    )


def by_digest(conn: sa.Connection, digest: str) -> Key | None:
    """Find a key by the digest of its secret; a ban and `local_only` of its account hold."""
    row = _BY_DIGEST.first(conn, digest=digest)
    return _key(row) if row else None


def by_id(conn: sa.Connection, key_id: UUID) -> Key | None:
    """Find a key by its id, also a revoked one; a ban and `local_only` of its account hold."""
    row = conn.execute(_WITH_ACCOUNT.where(keys.c.id == key_id)).one_or_none()
    return _key(row) if row else None


def any_exist(conn: sa.Connection) -> bool:
    """Return whether a key was ever created; revoked ones count."""
    return conn.execute(sa.select(keys.c.id).limit(1)).first() is not None


def every(conn: sa.Connection) -> list[Key]:
    """Return all keys, oldest first."""
    return [_key(row) for row in conn.execute(keys.select().order_by(keys.c.id))]


def find(conn: sa.Connection, key_id: UUID) -> Key | None:
    """Find a key by its id, also a revoked one, and lock its row until the transaction ends."""
    row = conn.execute(keys.select().where(keys.c.id == key_id).with_for_update()).one_or_none()
    return _key(row) if row else None


def page(conn: sa.Connection, account_id: UUID | None, after: UUID | None, limit: int) -> list[Key]:
    """Return up to ``limit`` keys newer than ``after``, oldest first; None: of all accounts."""
    query = keys.select().order_by(keys.c.id).limit(limit)
    if account_id is not None:
        query = query.where(keys.c.account_id == account_id)
    if after is not None:
        query = query.where(keys.c.id > after)
    return [_key(row) for row in conn.execute(query)]


def usable(conn: sa.Connection, account_id: UUID) -> int:
    """Return the number of an account's keys that are not revoked."""
    query = sa.select(sa.func.count()).select_from(keys)
    own = (keys.c.account_id == account_id) & keys.c.revoked_at.is_(None)
    return int(conn.execute(query.where(own)).scalar_one())


def save(conn: sa.Connection, key: Key) -> None:
    """Update the changeable columns of a key: all but its owner, secret and revocation."""
    conn.execute(
        keys.update()
        .where(keys.c.id == key.id)
        .values(
            name=key.name,
            scopes=",".join(sorted(key.scopes)),
            expires_at=key.expires_at,
            disabled_at=key.disabled_at,
            strict_fields=key.strict_fields,
            **to_columns(key.limits),
        )
    )


def revoke(conn: sa.Connection, key_id: UUID, now: datetime) -> bool:
    """Revoke a key; return False when it is revoked already or unknown. Compare-and-set."""
    result = conn.execute(
        keys.update().where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return result.rowcount == 1


def add_to_sums(conn: sa.Connection, key_id: UUID, *, credits: int, jobs: int) -> None:
    """Add signed changes to the sums of a key: credits of its jobs, and unfinished jobs."""
    _ADD.run(conn, key=key_id, credits=credits, jobs=jobs)


def spent(conn: sa.Connection, key_id: UUID) -> int:
    """Return the credits that all jobs of a key hold or were charged."""
    (found,) = _SUMS.all(conn, key=key_id)
    return int(found.spent)


def unfinished(conn: sa.Connection, key_id: UUID) -> int:
    """Return the number of a key's jobs that have not ended."""
    (found,) = _SUMS.all(conn, key=key_id)
    return int(found.unfinished)


def _key(row: Any) -> Key:
    return Key(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        digest=row.digest,
        hint=row.hint,
        scopes=frozenset(Scope(word) for word in row.scopes.split(",") if word),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        disabled_at=row.disabled_at,
        limits=from_row(row),
        strict_fields=row.strict_fields,
    )
