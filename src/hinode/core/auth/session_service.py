"""Sign-up, log-in, log-out, and the renewal of access tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles, service
from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Profile
from hinode.core.auth import sessions, signup, tokens
from hinode.core.auth.login_throttle import LoginThrottle
from hinode.core.auth.sessions import NewSession, Session
from hinode.core.auth.signup import AuthPolicy, SignupRequest
from hinode.core.auth.tokens import Access, AccessToken
from hinode.core.auth.types import (
    DEFAULT_SCOPES,
    Audience,
    Caller,
    KeyLimits,
    Scope,
    SessionTerms,
)
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.jwt_keys import JwtKeys
from hinode.kit.passwords import hash_password, verify_password

if TYPE_CHECKING:
    from hinode.db.database import Database


_PROLONGED_BY = timedelta(days=1)
"""Renewals by a session's cookie prolong it by at least this, so that few of them write."""

_RENEW = "Renew it with the session's cookie or its refresh token."
_SORA = SessionTerms()


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """A new access token, with the profile of its account and the tokens of its session.

    ``expires_at`` is the end of the session. ``cookie`` and ``refresh`` are None if unchanged.
    """

    profile: Profile
    access: AccessToken
    expires_at: datetime
    cookie: str | None = None
    refresh: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session, its profile, its end and its terms."""

    session: NewSession
    profile: Profile
    expires_at: datetime
    terms: SessionTerms


@dataclass(frozen=True, slots=True)
class SessionService:
    """Sessions of people and their tokens; all methods raise :class:`HinodeError`."""

    db: Database
    clock: Clock
    keys: JwtKeys
    login_throttle: LoginThrottle
    rules: AuthPolicy

    def verify_access_token(self, token: str, scope: Scope | None) -> Caller:
        """Return the caller with this access token, which must have the scope (None: any of /v1).

        The session and the account's role are read now: what ended or changed has effect at once.
        """
        access = self._believed(token)
        with self.db.read() as conn:
            session = sessions.find(conn, access.session_id)
            local_only = accounts.is_local_only(conn, access.account_id)
        if session is None or session.revoked_at or session.account_id != access.account_id:
            raise _ended()
        if access.audience is not session.terms.audience:
            raise LookupError("a token's audience is not that of its session")
        scopes = _scopes(session.terms)
        if not (scopes - {Scope.SORA} if scope is None else scope in scopes):
            raise _scope_missing(session.terms, scope)
        limits = KeyLimits(local_only=local_only)
        session_id = session.id if access.audience is Audience.APP else None
        return Caller(access.account_id, None, scopes, limits=limits, session_id=session_id)

    def sign_up(self, wanted: SignupRequest, terms: SessionTerms = _SORA) -> IssuedTokens:
        """Create an account and open its first session."""
        self.login_throttle.at_sign_up()
        self.rules.check_password_login()
        signup.check(wanted, self.rules)
        # Slow on purpose, so it runs before the write transaction begins.
        hashed = hash_password(wanted.password)
        with self.db.write() as conn:
            account = signup.admit(conn, wanted, hashed, self.rules, self.clock)
            opened = self._open(conn, account.id, terms)
        return self.let_in(opened)

    def log_in(self, who: str, password: str, terms: SessionTerms = _SORA) -> IssuedTokens:
        """Open a session for the account with this e-mail address, account name or username.

        An unknown account, a wrong password and too many attempts by other names of the account
        give the same error after the same time, so that the response does not reveal which
        accounts exist.
        """
        self.login_throttle.at_log_in(who)
        self.rules.check_password_login()
        with self.db.read() as conn:
            found = profiles.password_of(conn, who)
        is_admitted = self.login_throttle.admits_log_in(who, found.account_id if found else None)
        if not verify_password(found.password if found and is_admitted else None, password):
            raise HinodeError(
                ErrorCode.INVALID_CREDENTIALS,
                "The account does not exist, the password is wrong, or there were too many "
                "attempts in the last minute.",
                hint="The operator can set a new password: `hinode account password NAME`.",
            )
        if found is None:  # unreachable, for the type checker: None never verifies
            raise LookupError(who)
        with self.db.write() as conn:
            opened = self._open(conn, found.account_id, terms)
        return self.let_in(opened)

    def open_for(self, conn: sa.Connection, account: str, terms: SessionTerms) -> OpenedSession:
        """Open a session for the account with this name in the caller's transaction."""
        return self._open(conn, service.get(conn, account).id, terms)

    def renew(self, cookie: str, audience: Audience = Audience.SORA) -> IssuedTokens:
        """Return a new access token of the session with this cookie, and prolong the session.

        The cookie is unchanged; one of a session of another audience is unknown.
        """
        with self.db.read() as conn:
            session = self._alive(sessions.by_cookie(conn, cookie), audience)
            profile = _profile(conn, session.account_id)
        prolonged = self._prolonged(session)
        gained = prolonged.expires_at - session.expires_at
        if gained >= min(_PROLONGED_BY, self.rules.session / 2):
            with self.db.write() as conn:
                sessions.prolong(conn, prolonged)
            session = prolonged
        return self._again(session, profile)

    def renew_by_access(self, token: str) -> IssuedTokens:
        """Return a new access token of the session of a valid access token."""
        session_id = self._believed(token).session_id
        with self.db.read() as conn:
            session = self._alive(sessions.find(conn, session_id), Audience.SORA)
            profile = _profile(conn, session.account_id)
        return self._again(session, profile)

    def refresh(self, token: str) -> IssuedTokens:
        """Exchange a refresh token for the next one and a new access token.

        A refresh token that was used before revokes its session (RFC 9700, section 4.14.2).
        """
        refresh, now = sessions.read_refresh(token), self.clock.now()
        if refresh is None:
            raise _no_grant()
        with self.db.write() as conn:
            session = sessions.find(conn, refresh.session_id)
            if session is None or not sessions.belongs(session, refresh) or not session.alive(now):
                raise _no_grant()
            lasting = self._prolonged(session)
            following = sessions.rotate(conn, lasting, refresh)
            if following is None:
                sessions.revoke(conn, session.id, now)
            profile = _profile(conn, session.account_id)
        # After the commit: an exception inside the block would roll back the revocation.
        if following is None:
            raise _no_grant()
        return replace(self._again(lasting, profile), refresh=following)

    def log_out(self, cookie: str | None, access: str | None) -> None:
        """End the session of a cookie or an access token; without a session do nothing."""
        said = tokens.read(self.keys, access) if access else None
        with self.db.write() as conn:
            session = sessions.by_cookie(conn, cookie) if cookie else None
            ending = session.id if session else said.session_id if said else None
            if ending is not None:
                sessions.revoke(conn, ending, self.clock.now())

    def issue(
        self,
        account: str,
        lasts: timedelta | None = None,
        scopes: frozenset[Scope] = frozenset({Scope.SORA}),
    ) -> IssuedTokens:
        """Open a session for the account with this name, without its password; for the operator.

        ``lasts`` is the lifetime of its access tokens, also of renewed ones; None: the configured
        one. They have these ``scopes`` and ``sora``, never ``admin``.
        """
        if Scope.ADMIN in scopes:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                "An access token cannot have the scope admin.",
                param="scopes",
                hint="Use an API key with that scope.",
            )
        with self.db.write() as conn:
            terms = SessionTerms(scopes=scopes | {Scope.SORA}, access=lasts)
            opened = self.open_for(conn, account, terms)
        return self.let_in(opened)

    def let_in(self, opened: OpenedSession) -> IssuedTokens:
        """Sign the access token of a new session, after its transaction: signing takes CPU time."""
        new, profile, terms = opened.session, opened.profile, opened.terms
        lasts, now = terms.access or self.rules.access, self.clock.now()
        access = tokens.sign(self.keys, profile, new.id, terms.audience, now, lasts)
        return IssuedTokens(profile, access, opened.expires_at, new.cookie, new.refresh)

    def end_all(self, account: str) -> int:
        """End all sessions of the account with this name; return their number."""
        with self.db.write() as conn:
            owner = service.get(conn, account)
            return sessions.revoke_all(conn, owner.id, self.clock.now())

    def published_keys(self) -> dict[str, Any]:
        """Return the JSON Web Key Set that verifies access tokens (RFC 7517)."""
        return {"keys": self.keys.public_jwks()}

    def _believed(self, token: str) -> Access:
        """Return the verified claims of an access token that has not expired."""
        access = tokens.read(self.keys, token)
        if access is None:
            raise HinodeError(
                ErrorCode.INVALID_KEY, "This access token was not issued here.", hint=_RENEW
            )
        if access.expires_at <= self.clock.now():
            raise HinodeError(
                ErrorCode.ACCESS_EXPIRED, "This access token has expired.", hint=_RENEW
            )
        return access

    def _alive(self, session: Session | None, audience: Audience) -> Session:
        ours = session is not None and session.terms.audience is audience
        if session is None or not ours or not session.alive(self.clock.now()):
            raise _ended()
        return session

    def _open(self, conn: sa.Connection, account_id: UUID, terms: SessionTerms) -> OpenedSession:
        expires_at = self._session_end(terms.access)
        opened = sessions.open_session(conn, account_id, self.clock.now(), expires_at, terms)
        return OpenedSession(opened, _profile(conn, account_id), expires_at, terms)

    def _session_end(self, access: timedelta | None) -> datetime:
        """Return the end of a session that is used now; it outlasts tokens of a lifetime given."""
        least = timedelta() if access is None else access + _PROLONGED_BY
        return self.clock.now() + max(least, self.rules.session)

    def _prolonged(self, session: Session) -> Session:
        ends = max(session.expires_at, self._session_end(session.terms.access))
        return replace(session, expires_at=ends)

    def _again(self, session: Session, profile: Profile) -> IssuedTokens:
        now = self.clock.now()
        terms = session.terms
        lasts = min(terms.access or self.rules.access, session.expires_at - now)
        access = tokens.sign(self.keys, profile, session.id, terms.audience, now, lasts)
        return IssuedTokens(profile, access, session.expires_at)


def _scopes(terms: SessionTerms) -> frozenset[Scope]:
    """Return the scopes of a session's access tokens; an operator of the web app has all."""
    if terms.audience is Audience.SORA:
        return terms.scopes
    return frozenset(Scope) if terms.operator else DEFAULT_SCOPES


def _scope_missing(terms: SessionTerms, scope: Scope | None) -> HinodeError:
    if terms.audience is Audience.APP:
        rule, hint = "This session has no operator's rights.", "Log in as an operator."
    elif scope is Scope.ADMIN:
        rule = "Access tokens of the Sora dialect never have the scope 'admin'."
        hint = "Use an API key with that scope."
    else:
        rule = f"This access token lacks the scope '{scope or Scope.VIDEOS}'."
        hint = "`hinode account token NAME --scope …` issues one that has it; or use an API key."
    return HinodeError(ErrorCode.SCOPE_MISSING, rule, hint=hint)


def _profile(conn: sa.Connection, account_id: UUID) -> Profile:
    found = profiles.find(conn, account_id)
    if found is None:
        raise LookupError(f"account {account_id} has no profile")
    return found


def _ended() -> HinodeError:
    return HinodeError(ErrorCode.ACCESS_REVOKED, "This session has ended.", hint="Log in again.")


def _no_grant() -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_GRANT,
        "This refresh token is unknown, used before, expired or revoked.",
        param="refresh_token",
        hint="Log in again; each refresh token can be used once.",
    )
