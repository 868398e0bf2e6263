"""What can go wrong between us and a server of the Sora backend dialect, as exceptions."""

from __future__ import annotations


class SoraFailure(Exception):
    """A call failed. ``reason`` may be shown to people: it is cleaned, short and holds no token.

    ``code`` is the server's own word for it where it gave one, ``status`` the HTTP status where
    there was an answer, ``retry_after`` the seconds the server asks to wait. ``may_have_run``
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
        may_have_run: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.may_have_run = may_have_run


class AuthInvalid(SoraFailure):
    """The token is worthless: revoked, unknown, or of another server."""


class AuthExpired(SoraFailure):
    """The token has expired: a refresh helps."""


class NotActivated(SoraFailure):
    """The account has not used Sora yet: ``/m/bootstrap`` or an invite code activates it."""


class Overloaded(SoraFailure):
    """The server has too much to do (``heavy_load``); it did not take the request."""


class TooManyTasks(SoraFailure):
    """The account has as many unfinished tasks as it may have."""


class TooOften(SoraFailure):
    """Too many requests in too short a time."""


class QuotaExhausted(SoraFailure):
    """The account's quota or credits are used up; ``resets_in`` is in seconds, where known."""

    resets_in: float | None = None


class Refused(SoraFailure):
    """The server does not want this request: bad parameters, or not allowed to this account."""


class NotFound(SoraFailure):
    """There is no such thing in this account, or no such endpoint on this server."""


class ServerFailed(SoraFailure):
    """The server answered with an error of its own (5xx)."""


class Unreachable(SoraFailure):
    """There was no whole answer: no connection, a reset, or no answer in time."""


class BadAnswer(SoraFailure):
    """The answer is not of this dialect: HTML, broken JSON, a field missing or of a wrong type."""
