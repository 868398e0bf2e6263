"""Authenticate the callers of all dialects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth import api_keys, request_context, simulation
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.core.auth.request_context import RequestContext
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.types import Caller, Scope
from hinode.kit import secrets
from hinode.kit.clock import Clock
from hinode.kit.frozen import with_changes

if TYPE_CHECKING:
    from hinode.db.database import Database


_TOKEN_DOTS = 2
"""Dots between the parts of a signed JSON Web Token (RFC 7515)."""


@dataclass(frozen=True, slots=True)
class AuthService:
    """Authenticates API keys and access tokens."""

    db: Database
    clock: Clock
    limiter: RateLimiter
    sessions: SessionService

    def authenticate(self, credential: str | None, scope: Scope | None) -> Caller:
        """Return the caller with this credential, which must have the scope (None: any scope).

        Raises :class:`HinodeError` when the credential is invalid, lacks the scope, is not allowed
        from the client's address, or has reached its rate limit.
        """
        if credential and _is_access_token(credential, scope):
            caller = self.sessions.verify_access_token(credential, scope)
            return with_changes(caller, simulation=simulation.requested.get())
        visit = request_context.present.get() or RequestContext(None)
        with self.db.read() as conn:
            caller = api_keys.authenticate(conn, credential, scope, self.clock, visit.address)
        api_keys.check_rate_limit(caller, visit, self.limiter)
        return with_changes(caller, simulation=simulation.requested.get())

    def caller_later(self, key_id: UUID, scope: Scope) -> Caller:
        """Return the caller of an earlier request with this key, which counts as no request.

        Raises :class:`HinodeError` when the key is not valid any more or lacks the scope.
        """
        with self.db.read() as conn:
            return api_keys.caller_later(conn, key_id, scope, self.clock)


def _is_access_token(credential: str, scope: Scope | None) -> bool:
    """Return whether credentials are meant as an access token; the Sora dialect has no others."""
    if credential.startswith(secrets.PREFIX):
        return False
    return scope is Scope.SORA or credential.count(".") == _TOKEN_DOTS
