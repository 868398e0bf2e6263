"""Errors of calls to a server of the Sora backend dialect."""

from __future__ import annotations


class SoraClientError(Exception):
    """A call failed. ``reason`` may be shown to users: it is sanitized, short and has no token.

    ``code`` is the server's error code if it gave one, ``status`` the HTTP status if there was a
    response, ``retry_after`` the seconds the server requests to wait. ``may_have_executed`` is
    whether the server may have executed the request all the same: a create that failed so must not
    be retried.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        may_have_executed: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.may_have_executed = may_have_executed


class TokenInvalid(SoraClientError):
    """The token is invalid: revoked, unknown, or of another server."""


class TokenExpired(SoraClientError):
    """The token has expired: a refresh helps."""


class AccountNotActivated(SoraClientError):
    """The account has not used Sora yet: ``/m/bootstrap`` or an invite code activates it."""


class ServerOverloaded(SoraClientError):
    """The server is overloaded (``heavy_load``); it did not accept the request."""


class TooManyTasks(SoraClientError):
    """The account has as many unfinished tasks as it may have."""


class RateLimited(SoraClientError):
    """Too many requests in too short a time."""


class QuotaExhausted(SoraClientError):
    """The account's quota or credits are used up; ``resets_in`` is in seconds, where known."""

    resets_in: float | None = None


class RequestRejected(SoraClientError):
    """The server rejects this request: bad parameters, or not allowed for this account."""


class ResourceNotFound(SoraClientError):
    """The account has no such resource, or the server no such endpoint."""


class ServerError(SoraClientError):
    """The server failed (5xx)."""


class ServerUnreachable(SoraClientError):
    """There was no complete response: no connection, a reset, or a timeout."""


class SoraInvalidResponse(SoraClientError):
    """The response is not of this dialect: HTML, broken JSON, a missing or mistyped field."""
