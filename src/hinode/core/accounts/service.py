"""Making and finding accounts."""

from __future__ import annotations

import re

import sqlalchemy as sa

from hinode.core.accounts import repository
from hinode.core.accounts.types import Account, Plan
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def create(conn: sa.Connection, name: str, plan: Plan, clock: Clock) -> Account:
    """Add an account. Raises :class:`HinodeError` when the name is bad or taken."""
    if not _NAME.fullmatch(name):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{name}' is no account name.",
            param="name",
            hint="Use 1 to 80 letters, digits, dots, dashes or underscores.",
        )
    account = Account(new_id(), name, plan, clock.now())
    try:
        with conn.begin_nested():
            repository.insert(conn, account)
    except sa.exc.IntegrityError as error:
        raise HinodeError(
            ErrorCode.NAME_TAKEN, f"There is an account '{name}' already.", param="name"
        ) from error
    return account


def get(conn: sa.Connection, name: str) -> Account:
    """Find an account by name. Raises :class:`HinodeError` when there is none."""
    account = repository.by_name(conn, name)
    if account is None:
        raise HinodeError(
            ErrorCode.ACCOUNT_NOT_FOUND,
            f"There is no account '{name}'.",
            param="account",
            hint="`hinode account list` shows them.",
        )
    return account
