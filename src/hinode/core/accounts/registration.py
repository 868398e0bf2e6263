"""Validate and store the e-mail address and the password of an account."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import invites, profiles
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable

LONGEST_EMAIL = 254
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
# Only the form: a local part, an @ and a domain. No mail is sent to verify an address.
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(?:\.[^@\s\x00-\x1f.]+)*")


def check_email(email: str) -> str:
    """Return the address in lower case. Raises :class:`HinodeError` for an invalid one."""
    check_storable(email, "email")
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "'email' is not a valid e-mail address.",
            param="email",
            hint="Use the form name@example.com.",
        )
    return email.lower()


def check_password(password: str) -> str:
    """Return the password unchanged. Raises :class:`HinodeError` when its length is invalid."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            param="password",
        )
    return password


def register(
    conn: sa.Connection,
    account_id: UUID,
    *,
    email: str | None,
    password: str | None,
    activated_at: datetime | None,
) -> None:
    """Insert the profile of a new account; ``password`` is a hash.

    Raises :class:`HinodeError` when another account has the address.
    """
    code = invites.new_code()
    try:
        with conn.begin_nested():
            profiles.insert(
                conn, account_id, code, email=email, password=password, activated_at=activated_at
            )
    except sa.exc.IntegrityError as error:
        raise _taken() from error


def change_email(conn: sa.Connection, account_id: UUID, email: str) -> None:
    """Set the address of an account.

    Raises :class:`HinodeError` when it is invalid or another account has it.
    """
    checked = check_email(email)
    try:
        with conn.begin_nested():
            profiles.change(conn, account_id, email=checked)
    except sa.exc.IntegrityError as error:
        raise _taken() from error


def _taken() -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        "An account with this e-mail address exists already.",
        param="email",
        hint="Log in with it, or use another address.",
    )
