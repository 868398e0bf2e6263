"""Reading what people send of themselves: names, codes, passwords, tokens."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.api.values import Fields, missing, text
from hinode.core.arrivals import SignUp
from hinode.core.errors import ErrorCode, HinodeError

_MAX_LENGTH = 1_000
_GRANT_TYPE = "refresh_token"


@dataclass(frozen=True, slots=True)
class LoginCredentials:
    """Who wants in, by address, username or account name, and the password."""

    identifier: str
    password: str


def read_username(fields: Fields) -> str:
    """Read a username to check or to set."""
    return _required_text(fields, "username", "3 to 30 letters, digits, dots or underscores.")


def read_invite_code(fields: Fields) -> str:
    """Read an invite code."""
    return _required_text(fields, "invite_code", "Somebody who has an account has one.")


def read_signup(fields: Fields) -> SignUp:
    """Read what somebody gives who wants an account."""
    return SignUp(
        email=_required_text(fields, "email", "An e-mail address."),
        password=_required_text(fields, "password", "At least 8 characters."),
        username=text(fields, "username"),
        invite_code=text(fields, "invite_code"),
    )


def read_login(fields: Fields) -> LoginCredentials:
    """Read who wants in; ``email`` may hold a username, and ``username`` an address."""
    identifier = text(fields, "email") or text(fields, "username")
    if identifier is None:
        raise missing("email", "An e-mail address or, as 'username', a username.")
    return LoginCredentials(
        identifier[:_MAX_LENGTH], _required_text(fields, "password", "The account's password.")
    )


def read_refresh_token(fields: Fields) -> str:
    """Read the refresh token of a grant; whose client it is does not matter here."""
    grant = text(fields, "grant_type") or _GRANT_TYPE
    if grant != _GRANT_TYPE:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            "Only the grant_type 'refresh_token' is served.",
            param="grant_type",
        )
    return _required_text(fields, "refresh_token", "What the last log-in or refresh gave.")


def _required_text(fields: Fields, name: str, hint: str) -> str:
    found = text(fields, name)
    if found is None:
        raise missing(name, hint)
    return found[:_MAX_LENGTH]
