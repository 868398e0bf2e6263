"""Authenticate the callers of all dialects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth import api_keys, request_context, simulation
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.core.auth.request_context import RequestContext
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.types import Caller, Scope
from hinode.kit import secrets
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class AuthService:
    """Authenticates API keys, and access tokens for the scope ``sora``."""

    db: Database
    clock: Clock
    limiter: RateLimiter
    sessions: SessionService

    def authenticate(self, credential: str | None, scope: Scope | None) -> Caller:
        """Return the caller with this credential, which must have the scope (None: any scope).

        Access tokens are accepted for the scope ``sora`` only.
        Raises :class:`HinodeError` when the credential is invalid, lacks the scope, is not allowed
        from the client's address, or has reached its rate limit.
        """
        if scope is Scope.SORA and credential and not credential.startswith(secrets.PREFIX):
            return self.sessions.verify_access_token(credential)
        visit = request_context.present.get() or RequestContext(None)
        with self.db.read() as conn:
            caller = api_keys.authenticate(conn, credential, scope, self.clock, visit.address)
        api_keys.check_rate_limit(caller, visit, self.limiter)
        return replace(caller, simulation=simulation.requested.get())

    def caller_later(self, key_id: UUID, scope: Scope) -> Caller:
        """Return the caller of an earlier request with this key, which counts as no request.

        Raises :class:`HinodeError` when the key is not valid any more or lacks the scope.
        """
        with self.db.read() as conn:
            return api_keys.caller_later(conn, key_id, scope, self.clock)
