"""Making and finding accounts."""

from __future__ import annotations

import re

import sqlalchemy as sa

from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.studio.accounts import repository
from hinode.studio.accounts.types import Account, Plan
from hinode.studio.errors import ErrorCode, StudioError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def create(conn: sa.Connection, name: str, plan: Plan, clock: Clock) -> Account:
    """Add an account. Raises :class:`StudioError` when the name is bad or taken."""
    if not _NAME.fullmatch(name):
        raise StudioError(
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
        raise StudioError(
            ErrorCode.NAME_TAKEN, f"There is an account '{name}' already.", param="name"
        ) from error
    return account


def get(conn: sa.Connection, name: str) -> Account:
    """Find an account by name. Raises :class:`StudioError` when there is none."""
    account = repository.by_name(conn, name)
    if account is None:
        raise StudioError(
            ErrorCode.ACCOUNT_NOT_FOUND,
            f"There is no account '{name}'.",
            param="account",
            hint="`hinode account list` shows them.",
        )
    return account
