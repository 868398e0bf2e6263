"""Usage of an account in a period: the query, the answer, and their schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hinode.api.parsing import FieldError, RequestSchema, parse
from hinode.api.values import Value
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period, UsageRow

LONGEST_PERIOD = timedelta(days=366)
DEFAULT_PERIOD = timedelta(days=30)
_EARLIEST = date(2000, 1, 1)
_DAY_SCHEMA = {"type": "string", "format": "date"}
_EXACTLY = ConfigDict(extra="forbid", populate_by_name=True)


class UsageKey(BaseModel):
    """The key that made something."""

    model_config = _EXACTLY

    id: str
    name: str | None


class UsageOfDay(BaseModel):
    """Usage of one key with one model on one day (UTC)."""

    model_config = _EXACTLY

    day: str
    model: str
    key: UsageKey | None
    tasks: int
    completed: int
    failed: int
    credits: int


class UsagePage(BaseModel):
    """Usage of an account in a period; both days are included."""

    model_config = _EXACTLY

    from_: str = Field(alias="from")
    to: str
    credits: int
    data: list[UsageOfDay]


def _day(value: Value) -> Value | date:
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("day", "not a day") from None


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(8999, 12, 31))]
NullableDay = Annotated[Day | None, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]


class UsageQuery(RequestSchema):
    """A period, in days of UTC, both included; the last 30 days by default."""

    from_: NullableDay = Field(default=None, alias="from")
    to: NullableDay = None

    def period(self, today: date) -> Period:
        """Return the period. Raises :class:`HinodeError` for one that is reversed or too long."""
        last = self.to or today
        first = self.from_ or max(_EARLIEST, last - DEFAULT_PERIOD + timedelta(days=1))
        if first > last:
            raise _invalid("from", f"'from' ({first}) is after 'to' ({last}).")
        if last - first >= LONGEST_PERIOD:
            raise _invalid("from", f"At most {LONGEST_PERIOD.days} days are listed at once.")
        return Period(first, last)


def parse_period(query: Mapping[str, str], today: date) -> Period:
    """Parse ``from`` and ``to``. Raises :class:`HinodeError`."""
    return parse(UsageQuery, query, _PHRASES).period(today)


def _no_day(error: FieldError) -> HinodeError:
    message = f"'{error.param}' is a day such as 2026-11-21, not '{str(error.given)[:40]}'."
    return _invalid(error.param, message)


def _out_of_range(error: FieldError) -> HinodeError:
    return _invalid(error.param, f"'{error.param}' lies between 2000 and 9000.")


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


_PHRASES = {
    "day": _no_day,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
}


def render_usage(period: Period, rows: Sequence[UsageRow]) -> dict[str, Any]:
    """Return the usage of a period, by day, model and key."""
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "credits": sum(row.credits for row in rows),
        "data": [_usage_of_day(row) for row in rows],
    }


def _usage_of_day(row: UsageRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "model": row.model,
        "key": {"id": str(row.key_id), "name": row.key_name} if row.key_id else None,
        "tasks": row.jobs,
        "completed": row.completed,
        "failed": row.failed,
        "credits": row.credits,
    }
