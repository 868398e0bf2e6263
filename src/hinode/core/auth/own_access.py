"""A caller's own access: its profile, password, sessions and API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles, registration, usernames
from hinode.core.accounts.types import UsernameKind
from hinode.core.auth import api_keys, sessions
from hinode.core.auth import repository as keys
from hinode.core.auth.key_admin import KeyCreate, KeyUpdater
from hinode.core.auth.reserved_names import check_not_reserved
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.sessions import Session
from hinode.core.auth.types import DEFAULT_SCOPES, Caller, Key, Priority
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.text_checks import check_storable
from hinode.kit.passwords import hash_password, verify_password

MOST_KEYS = 100
"""Keys that an account has at a time; an operator may give it more."""


@dataclass(frozen=True, slots=True)
class ProfileUpdate:
    """Fields of a profile to update; None leaves one unchanged."""

    display_name: str | None = None
    username: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the caller, and the credits that its jobs hold or were charged."""

    key: Key
    spent: int


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """Operations of callers on their own access; all methods raise :class:`HinodeError`.

    Those that change who can log in are for sessions of the web app only: a key that leaked could
    otherwise take the account.
    """

    sessions: SessionService

    def update_profile(self, caller: Caller, wanted: ProfileUpdate) -> None:
        """Change the profile of the caller's account."""
        _require_session(caller)
        account_id = caller.account_id
        with self.sessions.db.write() as conn:
            if wanted.display_name is not None:
                check_storable(wanted.display_name, "display_name")
                name = wanted.display_name.strip() or None
                profiles.change(conn, account_id, display_name=name)
            if wanted.email is not None:
                registration.change_email(conn, account_id, wanted.email)
            if wanted.username is not None:
                check_not_reserved(conn, wanted.username, account_id)
                usernames.claim(conn, wanted.username, UsernameKind.ACCOUNT, account_id)

    def change_password(self, caller: Caller, current: str | None, new: str) -> None:
        """Set the password and end all sessions, also the caller's.

        The current password is needed if there is one.
        """
        _require_session(caller)
        self.sessions.login_throttle.at_password_change(caller.account_id)
        hashed = hash_password(registration.check_password(new))
        with self.sessions.db.read() as conn:
            before = profiles.password_hash(conn, caller.account_id)
        if before is not None and not verify_password(before, current or ""):
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "The current password is wrong.",
                param="current_password",
            )
        with self.sessions.db.write() as conn:
            profiles.change(conn, caller.account_id, password=hashed)
            sessions.revoke_all(conn, caller.account_id, self.sessions.clock.now())

    def own_sessions(self, caller: Caller) -> list[Session]:
        """Return the sessions of the caller's account that have not ended, newest first."""
        _require_session(caller)
        with self.sessions.db.read() as conn:
            return sessions.alive_of(conn, caller.account_id, self.sessions.clock.now())

    def end_session(self, caller: Caller, session_id: UUID) -> None:
        """End a session of the caller's account."""
        _require_session(caller)
        with self.sessions.db.write() as conn:
            session = sessions.find(conn, session_id)
            if session is None or session.account_id != caller.account_id:
                raise HinodeError(
                    ErrorCode.PROFILE_NOT_FOUND, "There is no such session.", param="id"
                )
            sessions.revoke(conn, session_id, self.sessions.clock.now())

    def own_keys(self, caller: Caller, wanted: PageQuery) -> Page[OwnKey]:
        """Return a page of the keys of the caller's account, oldest first."""
        _require_session(caller)
        with self.sessions.db.read() as conn:
            found = paginate(wanted, partial(keys.page, conn, caller.account_id))
            return found.of([_own(conn, key) for key in found.items])

    def create_key(self, caller: Caller, new: KeyCreate) -> api_keys.KeyWithSecret:
        """Create a key of the caller's account; its secret is returned this once."""
        _require_session(caller)
        if not new.scopes <= DEFAULT_SCOPES:
            raise _operators_only("The scopes 'admin' and 'test' are given", "scopes")
        if new.limits.max_priority is Priority.HIGH:
            raise _priority_refused()
        self.sessions.login_throttle.at_key_create(caller.account_id)
        with self.sessions.db.write() as conn:
            if keys.usable(conn, caller.account_id) >= MOST_KEYS:
                raise HinodeError(
                    ErrorCode.INVALID_VALUE,
                    f"This account has {MOST_KEYS} keys that are not revoked, the most there are.",
                    hint="Revoke one that is not needed.",
                )
            return api_keys.create(
                conn,
                caller.account_id,
                new.name,
                scopes=new.scopes,
                expires_at=new.expires_at,
                clock=self.sessions.clock,
                limits=new.limits,
                strict_fields=new.strict_fields,
            )

    def own_key(self, caller: Caller, key_id: UUID) -> OwnKey:
        """Return a key of the caller's account, also a revoked one."""
        _require_session(caller)
        with self.sessions.db.read() as conn:
            return _own(conn, _find_own(conn, caller, key_id))

    def change_key(self, caller: Caller, key_id: UUID, amend: KeyUpdater) -> OwnKey:
        """Change a key of the caller's account within what its owner may give a new one.

        An operator's limits are no exception: the owner could make another key without them.
        """
        _require_session(caller)

        def amended(key: Key, now: datetime) -> Key:
            return _checked_change(key, amend(key, now))

        with self.sessions.db.write() as conn:
            _find_own(conn, caller, key_id)
            return _own(conn, api_keys.change(conn, key_id, amended, self.sessions.clock))

    def revoke_key(self, caller: Caller, key_id: UUID) -> OwnKey:
        """Revoke a key of the caller's account; a revoked one is unchanged."""
        _require_session(caller)
        with self.sessions.db.write() as conn:
            _find_own(conn, caller, key_id)
            keys.revoke(conn, key_id, self.sessions.clock.now())
            return _own(conn, api_keys.get(conn, key_id))


def _find_own(conn: sa.Connection, caller: Caller, key_id: UUID) -> Key:
    key = api_keys.get(conn, key_id)
    if key.account_id != caller.account_id:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return key


def _checked_change(before: Key, after: Key) -> Key:
    if not before.scopes <= DEFAULT_SCOPES:
        raise _operators_only("Keys with the scope 'admin' or 'test' are changed", "id")
    most = after.limits.max_priority
    if most is Priority.HIGH and before.limits.max_priority is not most:
        raise _priority_refused()
    return after


def _priority_refused() -> HinodeError:
    return _operators_only("The priority 'high' is given", "max_priority")


def _operators_only(what: str, param: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, f"{what} by an operator.", param=param, hint="Ask the operator."
    )


def _own(conn: sa.Connection, key: Key) -> OwnKey:
    return OwnKey(key, keys.spent(conn, key.id))


def _require_session(caller: Caller) -> None:
    if caller.session_id is None:
        raise HinodeError(
            ErrorCode.SCOPE_MISSING,
            "Only a session of the web app may do this; an API key may not.",
            hint="Log in at /app.",
        )
