"""Statements on sessions; a session has a cookie and a rotating refresh token.

A refresh token is ``rt_<session>.<proof>.<nonce>``: the proof is constant, the nonce changes with
each use. A token with the right proof and an old nonce was used before, so the token was copied;
the session is revoked, because the legitimate holder is unknown (RFC 9700, section 4.14.2).
"""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.accounts.types import Role
from hinode.core.auth.tables import sessions
from hinode.core.auth.types import Audience, Scope, SessionTerms
from hinode.db.compiled_statement import CompiledStatement
from hinode.kit import secrets
from hinode.kit.ids import new_id

COOKIE, REFRESH = "st_", "rt_"
LONGEST = 512
"""Maximum length of a token in characters; longer ones are rejected unread."""

_BYTES = 32
_LONGEST_CLIENT = 200
# A ban of the account revokes its sessions; the join saves a second read in every request.
_ALL = sa.select(
    *(column for column in sessions.c if column is not sessions.c.revoked_at),
    sa.func.coalesce(sessions.c.revoked_at, accounts.c.banned_at).label("revoked_at"),
    accounts.c.role,
).join(accounts, accounts.c.id == sessions.c.account_id)
_BY_ID = CompiledStatement(_ALL.where(sessions.c.id == sa.bindparam("session")))


@dataclass(frozen=True, slots=True)
class Session:
    """A stored session; ``proof`` and ``nonce`` are digests of the parts of its refresh token.

    ``terms.operator`` is False unless the account's role is operator now. A session of a banned
    account is revoked.
    """

    id: UUID
    account_id: UUID
    proof: str
    nonce: str
    terms: SessionTerms
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def alive(self, now: datetime) -> bool:
        """Return whether the session is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session with its tokens, which are not stored and cannot be returned again."""

    id: UUID
    cookie: str
    refresh: str


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The parts of a refresh token."""

    session_id: UUID
    proof: str
    nonce: str

    def spelled(self) -> str:
        """Format the token as :func:`read_refresh` parses it."""
        return f"{REFRESH}{self.session_id.hex}.{self.proof}.{self.nonce}"


def open_session(
    conn: sa.Connection,
    account_id: UUID,
    now: datetime,
    expires_at: datetime,
    terms: SessionTerms,
) -> NewSession:
    """Insert a session; delete the expired sessions of the account."""
    _forget_ended(conn, account_id, now)
    session_id, cookie = new_id(), COOKIE + random.token_urlsafe(_BYTES)
    refresh = RefreshToken(session_id, random.token_urlsafe(_BYTES), random.token_urlsafe(_BYTES))
    conn.execute(
        sessions.insert().values(
            id=session_id,
            account_id=account_id,
            cookie=secrets.digest(cookie),
            proof=secrets.digest(refresh.proof),
            nonce=secrets.digest(refresh.nonce),
            audience=terms.audience.value,
            scopes=",".join(sorted(terms.scopes)),
            operator=terms.operator,
            client=terms.client[:_LONGEST_CLIENT],
            access_seconds=None if terms.access is None else int(terms.access.total_seconds()),
            created_at=now,
            expires_at=expires_at,
        )
    )
    return NewSession(session_id, cookie, refresh.spelled())


def find(conn: sa.Connection, session_id: UUID) -> Session | None:
    """Return a session, also an ended one; None for an unknown id."""
    row = _BY_ID.first(conn, session=session_id)
    return None if row is None else _session(row)


def by_cookie(conn: sa.Connection, cookie: str) -> Session | None:
    """Return the session of a cookie, also an ended one; None for an unknown cookie."""
    if not cookie.startswith(COOKIE) or len(cookie) > LONGEST:
        return None
    query = _ALL.where(sessions.c.cookie == secrets.digest(cookie))
    row = conn.execute(query).one_or_none()
    return None if row is None else _session(row)


def read_refresh(token: str) -> RefreshToken | None:
    """Parse a refresh token; None when it has another form."""
    session, _, rest = token.removeprefix(REFRESH).partition(".")
    proof, _, nonce = rest.partition(".")
    if not token.startswith(REFRESH) or len(token) > LONGEST or not nonce:
        return None
    try:
        return RefreshToken(UUID(hex=session), proof, nonce)
    except ValueError:
        return None


def belongs(session: Session, token: RefreshToken) -> bool:
    """Return whether a refresh token was issued for this session; also a used one was."""
    return secrets.digests_equal(session.proof, secrets.digest(token.proof))


def rotate(conn: sa.Connection, session: Session, token: RefreshToken) -> str | None:
    """Replace the newest refresh token by the next one and return that; None for an older one.

    The row gets ``session.expires_at``. Compare-and-set on the nonce: of two concurrent requests
    with the same token one gets the next token.
    """
    following = random.token_urlsafe(_BYTES)
    newest = (sessions.c.id == session.id) & (sessions.c.nonce == secrets.digest(token.nonce))
    change = sessions.update().where(newest, sessions.c.revoked_at.is_(None))
    values = {"nonce": secrets.digest(following), "expires_at": session.expires_at}
    done = conn.execute(change.values(**values))
    if done.rowcount != 1:
        return None
    return RefreshToken(session.id, token.proof, following).spelled()


def alive_of(conn: sa.Connection, account_id: UUID, now: datetime) -> list[Session]:
    """Return the sessions of an account that have not ended, newest first."""
    mine = (sessions.c.account_id == account_id) & (sessions.c.expires_at > now)
    query = _ALL.where(mine, sessions.c.revoked_at.is_(None)).order_by(sessions.c.id.desc())
    return [_session(row) for row in conn.execute(query)]


def prolong(conn: sa.Connection, session: Session) -> None:
    """Set the end of a session to ``session.expires_at``, unless it is revoked."""
    alive = (sessions.c.id == session.id) & sessions.c.revoked_at.is_(None)
    conn.execute(sessions.update().where(alive).values(expires_at=session.expires_at))


def revoke(conn: sa.Connection, session_id: UUID, now: datetime) -> None:
    """Revoke a session: its access tokens, cookie and refresh token are rejected from now on."""
    alive = (sessions.c.id == session_id) & sessions.c.revoked_at.is_(None)
    conn.execute(sessions.update().where(alive).values(revoked_at=now))


def revoke_all(conn: sa.Connection, account_id: UUID, now: datetime) -> int:
    """Revoke all sessions of an account; return the number of those that were active."""
    mine = (sessions.c.account_id == account_id) & (sessions.c.expires_at > now)
    alive = mine & sessions.c.revoked_at.is_(None)
    return conn.execute(sessions.update().where(alive).values(revoked_at=now)).rowcount


def longest_access(conn: sa.Connection, default: timedelta) -> timedelta:
    """Return how long an access token that was issued so far may last at most."""
    longest = conn.scalar(sa.select(sa.func.max(sessions.c.access_seconds)))
    return max(default, timedelta(seconds=longest or 0))


def _forget_ended(conn: sa.Connection, account_id: UUID, now: datetime) -> None:
    ended = (sessions.c.account_id == account_id) & (sessions.c.expires_at <= now)
    conn.execute(sessions.delete().where(ended))


def _session(row: Any) -> Session:
    return Session(
        id=row.id,
        account_id=row.account_id,
        proof=row.proof,
        nonce=row.nonce,
        terms=_terms(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _terms(row: Any) -> SessionTerms:
    seconds = row.access_seconds
    return SessionTerms(
        audience=Audience(row.audience),
        scopes=frozenset(Scope(word) for word in row.scopes.split(",")),
        operator=row.operator and row.role == Role.OPERATOR,
        access=None if seconds is None else timedelta(seconds=seconds),
        client=row.client,
    )
