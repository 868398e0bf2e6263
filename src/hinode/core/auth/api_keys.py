"""Create, authenticate, change and find API keys."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth import repository
from hinode.core.auth.key_limits import check_limits
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.core.auth.request_context import RequestContext
from hinode.core.auth.types import UNLIMITED, Address, Caller, Key, KeyLimits, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.kit import secrets
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class KeyWithSecret:
    """A new key with its secret, which is not stored and cannot be returned again."""

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
    limits: KeyLimits = UNLIMITED,
    strict_fields: bool = False,
) -> KeyWithSecret:
    """Create a key. Raises :class:`HinodeError` for an invalid name, expiry or limit."""
    now = clock.now()
    check_limits(limits)
    _check_name(name)
    _check_expiry(expires_at, now)
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
        limits=limits,
        strict_fields=strict_fields,
    )
    repository.insert(conn, key)
    return KeyWithSecret(key, secret)


def change(
    conn: sa.Connection, key_id: UUID, amend: Callable[[Key, datetime], Key], clock: Clock
) -> Key:
    """Replace a key by ``amend(key, now)``; its row is locked until the transaction ends.

    Raises :class:`HinodeError` when the key is unknown or revoked, or a new value is invalid.
    """
    key, now = get(conn, key_id), clock.now()
    if key.revoked_at is not None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "This API key is revoked and cannot be changed.",
            param="id",
            hint="Create another key.",
        )
    new = amend(key, now)
    check_limits(new.limits)
    _check_name(new.name)
    if new.expires_at != key.expires_at:
        _check_expiry(new.expires_at, now)
    repository.save(conn, new)
    return new


def get(conn: sa.Connection, key_id: UUID) -> Key:
    """Return a key, also a revoked one. Raises :class:`HinodeError` for an unknown id."""
    key = repository.find(conn, key_id)
    if key is None:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return key


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 80:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, "A key's name has 1 to 80 characters.", param="name"
        )
    check_storable(name, "name")


def _check_expiry(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "'expires_at' must be in the future.",
            param="expires_at",
            hint="Leave it out for a key that does not expire.",
        )


def authenticate(
    conn: sa.Connection,
    secret: str | None,
    scope: Scope | None,
    clock: Clock,
    address: Address | None = None,
) -> Caller:
    """Return the caller with this secret, which must have the scope (None: any scope).

    Raises :class:`HinodeError` when the secret is missing or unknown, the key is revoked, expired
    or disabled, lacks the scope, or has an allow-list without the client's ``address``; an unknown
    address (None) is in no allow-list.
    """
    key = _find(conn, secret)
    if key is None or key.revoked_at is not None:
        raise HinodeError(
            ErrorCode.INVALID_KEY,
            "Incorrect API key provided." if secret else "No API key was provided.",
            hint="Send it as 'Authorization: Bearer sk-…'; `hinode key create NAME` creates one.",
        )
    _check_usable(key, clock)
    _check_address(key, address)
    return _caller(key, scope)


def caller_later(conn: sa.Connection, key_id: UUID, scope: Scope, clock: Clock) -> Caller:
    """Return the caller of an earlier request with this key, which must still have the scope.

    Raises as :func:`authenticate`; the address was checked at the request.
    """
    key = repository.by_id(conn, key_id)
    if key is None or key.revoked_at is not None:
        raise HinodeError(ErrorCode.INVALID_KEY, "This API key was revoked.")
    _check_usable(key, clock)
    return _caller(key, scope)


def _check_usable(key: Key, clock: Clock) -> None:
    if key.expires_at is not None and key.expires_at <= clock.now():
        raise HinodeError(
            ErrorCode.KEY_EXPIRED,
            f"This API key expired at {key.expires_at:%Y-%m-%d %H:%M} UTC.",
            hint="Ask the operator for a new one.",
        )
    if key.disabled_at is not None:
        raise HinodeError(
            ErrorCode.KEY_DISABLED,
            f"This API key or its account was disabled at {key.disabled_at:%Y-%m-%d %H:%M} UTC.",
            hint="The operator can enable it again.",
        )


def _caller(key: Key, scope: Scope | None) -> Caller:
    if scope is not None and scope not in key.scopes:
        raise HinodeError(
            ErrorCode.SCOPE_MISSING,
            f"This API key lacks the scope '{scope}'.",
            hint=f"`hinode key create NAME --scope {scope}` creates one that has it.",
        )
    return Caller(
        key.account_id,
        key.id,
        key.scopes,
        limits=key.limits,
        strict_fields=key.strict_fields,
    )


def check_rate_limit(caller: Caller, visit: RequestContext, limiter: RateLimiter) -> None:
    """Count the request against the rate limit of its key, once for each request.

    Raises :class:`HinodeError` with ``retry_after`` when the limit is reached.
    """
    per_minute = caller.limits.per_minute
    if per_minute is None or caller.key_id is None or visit.counted:
        return
    visit.counted = True
    wait = limiter.admit(caller.key_id, per_minute)
    if wait is not None:
        raise HinodeError(
            ErrorCode.RATE_LIMITED,
            f"The rate limit of this API key is {per_minute} request(s) per minute.",
            hint=f"Try again in {wait} s.",
            retry_after=wait,
        )


def _check_address(key: Key, address: Address | None) -> None:
    networks = key.limits.networks
    if networks and (address is None or not any(address in one for one in networks)):
        raise HinodeError(
            ErrorCode.IP_NOT_ALLOWED,
            f"This API key may not be used from {address or 'an unknown address'}.",
            hint="Ask the operator to add the address to the key's 'networks', or for another key.",
        )


def by_reference(conn: sa.Connection, reference: str) -> Key:
    """Return the key with this id, name, hint or secret.

    Raises :class:`HinodeError` unless exactly one key that is not revoked matches.
    """
    found = [key for key in repository.every(conn) if _matches(key, reference)]
    alive = [key for key in found if key.revoked_at is None]
    if len(alive) != 1:
        problem = "none matches" if not alive else f"{len(alive)} match"
        shown = "this secret" if reference.startswith(secrets.PREFIX) else f"'{reference}'"
        raise HinodeError(
            ErrorCode.KEY_NOT_FOUND,
            f"Of the keys that are not revoked, {problem} {shown}.",
            param="key",
            hint="Use an id from `hinode key list`.",
        )
    return alive[0]


def _find(conn: sa.Connection, secret: str | None) -> Key | None:
    if not secret or not secret.startswith(secrets.PREFIX) or len(secret) > 200:
        return None
    digest = secrets.digest(secret)
    key = repository.by_digest(conn, digest)
    return key if key is not None and secrets.digests_equal(key.digest, digest) else None


def _matches(key: Key, reference: str) -> bool:
    return reference in (str(key.id), key.id.hex, key.name, key.hint) or secrets.digests_equal(
        key.digest, secrets.digest(reference)
    )
