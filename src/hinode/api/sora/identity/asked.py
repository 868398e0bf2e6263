"""Reading what people send of themselves: names, codes, passwords, tokens."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.values import Fields, missing, text
from hinode.studio.arrivals import SignUp
from hinode.studio.errors import ErrorCode, StudioError

_LONGEST = 1_000
_GRANT = "refresh_token"


@dataclass(frozen=True, slots=True)
class LogIn:
    """Who wants in, by address, username or account name, and the password."""

    who: str
    password: str


def read_username(fields: Fields) -> str:
    """Read a username to check or to set."""
    return _needed(fields, "username", "3 to 30 letters, digits, dots or underscores.")


def read_invite_code(fields: Fields) -> str:
    """Read an invite code."""
    return _needed(fields, "invite_code", "Somebody who has an account has one.")


def read_sign_up(fields: Fields) -> SignUp:
    """Read what somebody gives who wants an account."""
    return SignUp(
        email=_needed(fields, "email", "An e-mail address."),
        password=_needed(fields, "password", "At least 8 characters."),
        username=text(fields, "username"),
        invite_code=text(fields, "invite_code"),
    )


def read_log_in(fields: Fields) -> LogIn:
    """Read who wants in; ``email`` may hold a username, and ``username`` an address."""
    who = text(fields, "email") or text(fields, "username")
    if who is None:
        raise missing("email", "An e-mail address or, as 'username', a username.")
    return LogIn(who[:_LONGEST], _needed(fields, "password", "The account's password."))


def read_refresh(fields: Fields) -> str:
    """Read the refresh token of a grant; whose client it is does not matter here."""
    grant = text(fields, "grant_type") or _GRANT
    if grant != _GRANT:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            "Only the grant_type 'refresh_token' is served.",
            param="grant_type",
        )
    return _needed(fields, "refresh_token", "What the last log-in or refresh gave.")


def _needed(fields: Fields, name: str, hint: str) -> str:
    found = text(fields, name)
    if found is None:
        raise missing(name, hint)
    return found[:_LONGEST]
