"""Validate and store the e-mail address and the password of an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import invites, profiles
from hinode.core.accounts.email_address import check_email
from hinode.core.errors import ErrorCode, HinodeError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200


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
