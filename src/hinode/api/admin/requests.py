"""Reading what the admin API is sent. All raise ``HinodeError`` or ``RequestError``.

Fields that are not known are refused here, unlike in the dialects: a limit that is spelled wrong
would be no limit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from hinode.api.values import Fields, boolean, integer, missing, text, wrong_type
from hinode.core.account_office import AccountChange, NewAccount
from hinode.core.accounts.types import Plan
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import PageQuery

MOST = 100
DEFAULT = 20
_LAST_MOMENT = datetime(9000, 1, 1, tzinfo=UTC)

E = TypeVar("E", bound=StrEnum)


def read_page(query: Mapping[str, str]) -> PageQuery:
    """Read ``limit`` and ``cursor``, which is the ``next_cursor`` of the page before."""
    limit = integer(query, "limit")
    limit = DEFAULT if limit is None else limit
    if not 1 <= limit <= MOST:
        raise bad("limit", f"'limit' is 1 to {MOST}, not {limit}.")
    cursor = query.get("cursor") or None
    after = read_id(cursor) if cursor else None
    if cursor and after is None:
        raise bad("cursor", "'cursor' is the 'next_cursor' of the page before.")
    return PageQuery(limit, after)


def read_id(given: str) -> UUID | None:
    """Read an id; None when the text is not one."""
    try:
        found = UUID(given)
    except ValueError:
        return None
    return found if str(found) == given.lower() else None


def read_account(fields: Fields) -> NewAccount:
    """Read an account to be made: on the free plan and without credits unless they are given."""
    refuse_unknown(fields, ("name", "plan", "unlimited", "credits"))
    name = text(fields, "name")
    if name is None:
        raise missing("name", "1 to 80 letters, digits, dots, dashes or underscores.")
    unlimited = boolean(fields, "unlimited") or False
    credits = integer(fields, "credits") or 0
    if credits < 0 or (credits and unlimited):
        raise bad("credits", "'credits' is 0 or more, and not given with 'unlimited'.")
    return NewAccount(name, _plan(fields) or Plan.FREE, unlimited, credits)


def read_account_change(fields: Fields) -> AccountChange:
    """Read what shall be another of an account."""
    refuse_unknown(fields, ("plan", "unlimited", "banned"))
    return AccountChange(_plan(fields), boolean(fields, "unlimited"), boolean(fields, "banned"))


def read_grant(fields: Fields) -> int:
    """Read how many credits are granted."""
    refuse_unknown(fields, ("credits",))
    credits = integer(fields, "credits")
    if credits is None:
        raise missing("credits", "A whole number of credits.")
    return credits


def read_moment(fields: Fields, name: str) -> datetime | None:
    """Read a time in Unix seconds."""
    seconds = integer(fields, name)
    if seconds is None:
        return None
    if not 0 <= seconds < _LAST_MOMENT.timestamp():
        raise bad(name, f"'{name}' is a time in Unix seconds, not {seconds}.")
    return datetime.fromtimestamp(seconds, UTC)


def read_texts(fields: Fields, name: str) -> tuple[str, ...]:
    """Read a list of texts; absent and null are empty."""
    given = fields.get(name)
    if given is None:
        return ()
    if not isinstance(given, list):
        raise wrong_type(name, "an array", given)
    for place, one in enumerate(given):
        if not isinstance(one, str):
            raise wrong_type(f"{name}[{place}]", "a string", one)
    return tuple(map(str, given))


def read_word(kind: type[E], given: str, name: str) -> E:
    """Read one of a few words."""
    try:
        return kind(given)
    except ValueError:
        raise bad(name, f"'{name}' is one of {', '.join(kind)}, not '{given[:40]}'.") from None


def refuse_unknown(fields: Fields, known: Collection[str]) -> None:
    """Raise for the first field that is not known."""
    for name in fields:
        if name not in known:
            offered = ", ".join(sorted(known))
            raise bad(name[:80], f"'{name[:80]}' is no field here; known are {offered}.")


def bad(param: str, message: str) -> HinodeError:
    """Return the refusal of a value."""
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


def _plan(fields: Fields) -> Plan | None:
    given = text(fields, "plan")
    return None if given is None else read_word(Plan, given, "plan")
