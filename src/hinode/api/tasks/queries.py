"""Reading the query strings of the task list and of the usage. All raise ``StudioError``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from hinode.api.tasks.translate import STATUSES
from hinode.api.values import integer
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.accounting import Period
from hinode.studio.jobs.search import JobQuery

MOST = 100
DEFAULT = 20
LONGEST_PERIOD = timedelta(days=366)
DEFAULT_PERIOD = timedelta(days=30)
STATUS_NAMES = tuple(dict.fromkeys(STATUSES.values()))
_EARLIEST = date(2000, 1, 1)


def read_task_id(text: str) -> UUID | None:
    """Read a task's id; None when the text is not one."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def read_task_query(query: Mapping[str, str]) -> JobQuery:
    """Read ``limit``, ``cursor``, ``status`` and ``model``, which is not looked up yet."""
    limit = integer(query, "limit")
    limit = DEFAULT if limit is None else limit
    if not 1 <= limit <= MOST:
        raise _bad("limit", f"'limit' is 1 to {MOST}, not {limit}.")
    cursor = query.get("cursor") or None
    after = read_task_id(cursor) if cursor else None
    if cursor and after is None:
        raise _bad("cursor", "'cursor' is the 'next_cursor' of the page before.")
    status = query.get("status") or None
    if status is not None and status not in STATUS_NAMES:
        offered = ", ".join(STATUS_NAMES)
        raise _bad("status", f"'status' is one of {offered}, not '{status[:40]}'.")
    states = [state for state, name in STATUSES.items() if name == status]
    return JobQuery(limit, after, states, query.get("model") or None)


def read_period(query: Mapping[str, str], today: date) -> Period:
    """Read ``from`` and ``to``, days in UTC and both included; the last 30 days if not given."""
    last = _day(query, "to") or today
    first = _day(query, "from") or max(_EARLIEST, last - DEFAULT_PERIOD + timedelta(days=1))
    if first > last:
        raise _bad("from", f"'from' ({first}) is after 'to' ({last}).")
    if last - first >= LONGEST_PERIOD:
        raise _bad("from", f"At most {LONGEST_PERIOD.days} days are listed at once.")
    return Period(first, last)


def _day(query: Mapping[str, str], name: str) -> date | None:
    given = query.get(name)
    if not given:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise _bad(name, f"'{name}' is a day such as 2026-11-21, not '{given[:40]}'.") from None
    if not _EARLIEST <= day < date(9000, 1, 1):
        raise _bad(name, f"'{name}' lies between 2000 and 9000.")
    return day


def _bad(param: str, message: str) -> StudioError:
    return StudioError(ErrorCode.INVALID_VALUE, message, param=param)
