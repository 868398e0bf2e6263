"""Links that log in once without a password: the first account's way into the web app."""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from hinode.core.accounts.types import ADMIN
from hinode.core.auth.session_service import IssuedTokens, SessionService
from hinode.core.auth.tables import login_links
from hinode.core.auth.types import SessionTerms
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit import secrets

VALID_FOR = timedelta(minutes=10)
_BYTES = 32


@dataclass(frozen=True, slots=True)
class LoginLinkService:
    """Creates links that log in as the first account, and redeems each once."""

    sessions: SessionService

    def create(self, *, operator: bool) -> str:
        """Return the secret of a new link; sessions by it have operator's rights or not."""
        secret, now = random.token_urlsafe(_BYTES), self.sessions.clock.now()
        with self.sessions.db.write() as conn:
            conn.execute(login_links.delete().where(login_links.c.expires_at <= now))
            conn.execute(
                login_links.insert().values(
                    digest=secrets.digest(secret), operator=operator, expires_at=now + VALID_FOR
                )
            )
        return secret

    def log_in(self, secret: str, terms: SessionTerms) -> IssuedTokens:
        """Redeem a link and open a session of the first account.

        Raises :class:`HinodeError` for a link that is unknown, expired or used.
        """
        self.sessions.login_throttle.at_login_link()
        digest = secrets.digest(secret)
        with self.sessions.db.write() as conn:
            operator = self._redeem(conn, digest)
            opened = self.sessions.open_for(conn, ADMIN, replace(terms, operator=operator))
        return self.sessions.let_in(opened)

    def _redeem(self, conn: sa.Connection, digest: str) -> bool:
        """Delete a link and return if it gives operator's rights; only one request succeeds."""
        this = login_links.c.digest == digest
        found = conn.execute(login_links.select().where(this)).one_or_none()
        taken = conn.execute(login_links.delete().where(this)).rowcount
        if found is None or not taken or found.expires_at <= self.sessions.clock.now():
            raise HinodeError(
                ErrorCode.INVALID_CREDENTIALS,
                "This log-in link is unknown, expired or was used before.",
                hint="`hinode login-link` makes another.",
            )
        return bool(found.operator)
