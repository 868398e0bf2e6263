"""Check and store a person's e-mail address and password."""

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
# As much as can be said without asking a mail server: something, an @, and a domain.
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(?:\.[^@\s\x00-\x1f.]+)*")


def check_email(email: str) -> str:
    """Return the address as it is kept: in lower case. Raises :class:`HinodeError`."""
    check_storable(email, "email")
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise HinodeError(ErrorCode.INVALID_VALUE, "This is no e-mail address.", param="email")
    return email.lower()


def check_password(password: str) -> str:
    """Return the password unchanged. Raises :class:`HinodeError` when it is short or endless."""
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
    """Add a new account's profile; ``password`` is hashed.

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
    """Set an account's address. Raises :class:`HinodeError` as the checks and :func:`register`."""
    checked = check_email(email)
    try:
        with conn.begin_nested():
            profiles.change(conn, account_id, email=checked)
    except sa.exc.IntegrityError as error:
        raise _taken() from error


def _taken() -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        "There is an account with this e-mail address.",
        param="email",
        hint="Log in with it.",
    )
