"""What was made in a period: reading which, writing what, and the shapes that document it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period, UsageRow

LONGEST_PERIOD = timedelta(days=366)
DEFAULT_PERIOD = timedelta(days=30)
_EARLIEST = date(2000, 1, 1)
_EXACTLY = ConfigDict(extra="forbid", populate_by_name=True)


class UsedKey(BaseModel):
    """Which key."""

    model_config = _EXACTLY

    id: str
    name: str | None


class Used(BaseModel):
    """What one key made with one model on one day (UTC)."""

    model_config = _EXACTLY

    day: str
    model: str
    key: UsedKey | None
    tasks: int
    completed: int
    failed: int
    credits: int


class UsagePage(BaseModel):
    """What an account made in a period; both days are included."""

    model_config = _EXACTLY

    from_: str = Field(alias="from")
    to: str
    credits: int
    data: list[Used]


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


def render_usage(period: Period, rows: Sequence[UsageRow]) -> dict[str, Any]:
    """Return what was made in a period, by day, model and key."""
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "credits": sum(row.credits for row in rows),
        "data": [_used(row) for row in rows],
    }


def _used(row: UsageRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "model": row.model,
        "key": {"id": str(row.key_id), "name": row.key_name} if row.key_id else None,
        "tasks": row.jobs,
        "completed": row.completed,
        "failed": row.failed,
        "credits": row.credits,
    }


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
