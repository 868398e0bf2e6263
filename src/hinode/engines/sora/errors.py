"""Errors between us and a server of the Sora backend dialect."""

from __future__ import annotations


class SoraClientError(Exception):
    """A call failed. ``reason`` may be shown to people: it is cleaned, short and holds no token.

    ``code`` is the server's own word for it where it gave one, ``status`` the HTTP status where
    there was an answer, ``retry_after`` the seconds the server asks to wait. ``may_have_executed``
    tells whether the server may have done all the same what was asked: a create that failed so
    must not be sent again.
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
    """The token is worthless: revoked, unknown, or of another server."""


class TokenExpired(SoraClientError):
    """The token has expired: a refresh helps."""


class AccountNotActivated(SoraClientError):
    """The account has not used Sora yet: ``/m/bootstrap`` or an invite code activates it."""


class ServerOverloaded(SoraClientError):
    """The server has too much to do (``heavy_load``); it did not take the request."""


class TooManyTasks(SoraClientError):
    """The account has as many unfinished tasks as it may have."""


class RateLimited(SoraClientError):
    """Too many requests in too short a time."""


class QuotaExhausted(SoraClientError):
    """The account's quota or credits are used up; ``resets_in`` is in seconds, where known."""

    resets_in: float | None = None


class RequestRejected(SoraClientError):
    """The server does not want this request: bad parameters, or not allowed to this account."""


class ResourceNotFound(SoraClientError):
    """There is no such thing in this account, or no such endpoint on this server."""


class ServerError(SoraClientError):
    """The server answered with an error of its own (5xx)."""


class ServerUnreachable(SoraClientError):
    """There was no whole answer: no connection, a reset, or no answer in time."""


class SoraInvalidResponse(SoraClientError):
    """The answer is not of this dialect: HTML, broken JSON, a field missing or of a wrong type."""
