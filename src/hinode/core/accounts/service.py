"""Create and find accounts by name."""

from __future__ import annotations

import re

import sqlalchemy as sa

from hinode.core.accounts import repository
from hinode.core.accounts.types import Account, Plan, Role
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def create(
    conn: sa.Connection, name: str, plan: Plan, clock: Clock, role: Role = Role.USER
) -> Account:
    """Create an account. Raises :class:`HinodeError` when the name is invalid or taken."""
    if not _NAME.fullmatch(name):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{name}' is not a valid account name.",
            param="name",
            hint="Use 1 to 80 letters, digits, dots, dashes or underscores; begin with a letter"
            " or a digit.",
        )
    account = Account(new_id(), name, plan, clock.now(), role=role)
    try:
        with conn.begin_nested():
            repository.insert(conn, account)
    except sa.exc.IntegrityError as error:
        raise HinodeError(
            ErrorCode.NAME_TAKEN, f"An account '{name}' exists already.", param="name"
        ) from error
    return account


def get(conn: sa.Connection, name: str) -> Account:
    """Find an account by name or e-mail address. Raises :class:`HinodeError` when missing."""
    account = repository.by_name(conn, name)
    if account is None:
        raise HinodeError(
            ErrorCode.ACCOUNT_NOT_FOUND,
            f"There is no account '{name}'.",
            param="account",
            hint="`hinode account list` lists the accounts.",
        )
    return account
