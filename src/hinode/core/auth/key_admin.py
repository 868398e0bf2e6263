"""Administer API keys; a key cannot change or revoke itself, so no administrator is locked out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.accounts import service
from hinode.core.accounts.types import Account
from hinode.core.auth import api_keys as access
from hinode.core.auth import repository as keys
from hinode.core.auth.types import DEFAULT_SCOPES, UNLIMITED, Caller, Key, KeyLimits, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database

KeyUpdater = Callable[[Key, datetime], Key]
"""Returns the changed key from the stored key and the current time."""


@dataclass(frozen=True, slots=True)
class KeyCreate:
    """The data of a new key; ``account`` is the name of its account."""

    account: str
    name: str
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    expires_at: datetime | None = None
    limits: KeyLimits = UNLIMITED
    strict_fields: bool = False


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key, its account, and the credits that its jobs hold or were charged."""

    key: Key
    account: Account
    spent: int


@dataclass(frozen=True, slots=True)
class KeyViewWithSecret:
    """A new key with its secret, which is not stored and cannot be returned again."""

    view: KeyView
    secret: str


@dataclass(frozen=True, slots=True)
class KeyAdmin:
    """Administration of keys; all methods raise :class:`hinode.core.errors.HinodeError`.

    ``caller`` is None for a command on the server, which is called with no key.
    """

    db: Database
    clock: Clock

    def page(self, account: str | None, wanted: PageQuery) -> Page[KeyView]:
        """Return a page of keys, oldest first, with revoked ones; None: of all accounts."""
        with self.db.read() as conn:
            owner = service.get(conn, account).id if account else None
            found = paginate(wanted, partial(keys.page, conn, owner))
            return found.of(_views(conn, found.items))

    def every(self) -> list[KeyView]:
        """Return all keys, oldest first, with revoked ones."""
        with self.db.read() as conn:
            return _views(conn, keys.every(conn))

    def find(self, reference: str) -> Key:
        """Return the only key with this id, name, hint or secret that is not revoked."""
        with self.db.read() as conn:
            return access.by_reference(conn, reference)

    def view(self, key_id: UUID) -> KeyView:
        """Return the key with this id."""
        with self.db.read() as conn:
            return _view(conn, access.get(conn, key_id))

    def create(self, params: KeyCreate) -> KeyViewWithSecret:
        """Create a key; its secret is returned this once."""
        with self.db.write() as conn:
            owner = service.get(conn, params.account)
            made = access.create(
                conn,
                owner.id,
                params.name,
                scopes=params.scopes,
                expires_at=params.expires_at,
                clock=self.clock,
                limits=params.limits,
                strict_fields=params.strict_fields,
            )
            return KeyViewWithSecret(KeyView(made.key, owner, 0), made.secret)

    def change(self, caller: Caller | None, key_id: UUID, amend: KeyUpdater) -> KeyView:
        """Change a key; rejected for the caller's own."""
        _refuse_own(caller, key_id)
        with self.db.write() as conn:
            return _view(conn, access.change(conn, key_id, amend, self.clock))

    def revoke(self, caller: Caller | None, key_id: UUID) -> KeyView:
        """Revoke a key; rejected for the caller's own. A revoked key is unchanged."""
        _refuse_own(caller, key_id)
        with self.db.write() as conn:
            key, now = access.get(conn, key_id), self.clock.now()
            if keys.revoke(conn, key.id, now):
                key = replace(key, revoked_at=now)
            return _view(conn, key)


def disable(key: Key, now: datetime) -> Key:
    """Return the key disabled; one that is disabled already keeps its time."""
    return replace(key, disabled_at=key.disabled_at or now)


def enable(key: Key, _now: datetime) -> Key:
    """Return the key enabled."""
    return replace(key, disabled_at=None)


def _refuse_own(caller: Caller | None, key_id: UUID) -> None:
    if caller is not None and caller.key_id == key_id:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "This is the API key that you are using: it cannot change or revoke itself.",
            param="id",
            hint="Use another key with the scope 'admin', or `hinode key` on the server.",
        )


def _view(conn: sa.Connection, key: Key) -> KeyView:
    return _views(conn, [key])[0]


def _views(conn: sa.Connection, found: list[Key]) -> list[KeyView]:
    owners = accounts.by_ids(conn, {key.account_id for key in found})
    return [KeyView(key, owners[key.account_id], keys.spent(conn, key.id)) for key in found]
