"""Making, checking and revoking API keys."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.kit import secrets
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.studio.access import repository
from hinode.studio.access.types import Caller, Key, Scope
from hinode.studio.errors import ErrorCode, StudioError


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the only time its secret can be seen."""

    key: Key
    secret: str


def create(
    conn: sa.Connection,
    account_id: UUID,
    name: str,
    *,
    scopes: Set[Scope],
    expires_at: datetime | None,
    clock: Clock,
) -> NewKey:
    """Make a key. Raises :class:`StudioError` when the name or the expiry is bad."""
    now = clock.now()
    if not name.strip() or len(name) > 80:
        raise StudioError(
            ErrorCode.INVALID_VALUE, "A key's name has 1 to 80 characters.", param="name"
        )
    if expires_at is not None and expires_at <= now:
        raise StudioError(
            ErrorCode.INVALID_VALUE, "A key's expiry lies in the future.", param="expires_at"
        )
    secret = secrets.new_secret()
    key = Key(
        id=new_id(),
        account_id=account_id,
        name=name,
        digest=secrets.digest(secret),
        hint=secrets.hint(secret),
        scopes=frozenset(scopes),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
    )
    repository.insert(conn, key)
    return NewKey(key, secret)


def authenticate(
    conn: sa.Connection, secret: str | None, scope: Scope | None, clock: Clock
) -> Caller:
    """Prove who is calling. Raises :class:`StudioError` for any key that may not pass."""
    key = _find(conn, secret)
    if key is None or key.revoked_at is not None:
        raise StudioError(
            ErrorCode.INVALID_KEY,
            "Incorrect API key provided." if secret else "No API key was provided.",
            hint="Send it as 'Authorization: Bearer sk-…'; `hinode key create NAME` makes one.",
        )
    if key.expires_at is not None and key.expires_at <= clock.now():
        raise StudioError(
            ErrorCode.KEY_EXPIRED,
            f"This API key expired at {key.expires_at:%Y-%m-%d %H:%M} UTC.",
            hint="Ask the operator for a new one.",
        )
    if scope is not None and scope not in key.scopes:
        raise StudioError(
            ErrorCode.SCOPE_MISSING,
            f"This API key lacks the scope '{scope}'.",
            hint=f"`hinode key create NAME --scope {scope}` makes one that has it.",
        )
    return Caller(key.account_id, key.id, key.scopes)


def revoke(conn: sa.Connection, reference: str, clock: Clock) -> Key:
    """Revoke the key with this id, name, hint or secret. Raises when there is not exactly one."""
    found = [key for key in repository.every(conn) if _matches(key, reference)]
    alive = [key for key in found if key.revoked_at is None]
    if len(alive) != 1:
        problem = "no usable key matches" if not alive else f"{len(alive)} keys match"
        shown = "this secret" if reference.startswith(secrets.PREFIX) else f"'{reference}'"
        raise StudioError(
            ErrorCode.KEY_NOT_FOUND,
            f"To revoke: {problem} {shown}.",
            param="key",
            hint="`hinode key list` shows their ids.",
        )
    repository.revoke(conn, alive[0].id, clock.now())
    return alive[0]


def _find(conn: sa.Connection, secret: str | None) -> Key | None:
    if not secret or not secret.startswith(secrets.PREFIX) or len(secret) > 200:
        return None
    digest = secrets.digest(secret)
    key = repository.by_digest(conn, digest)
    return key if key is not None and secrets.same(key.digest, digest) else None


def _matches(key: Key, reference: str) -> bool:
    return reference in (str(key.id), key.id.hex, key.name, key.hint) or secrets.same(
        key.digest, secrets.digest(reference)
    )
