"""Usage of an account in a period, for the tasks dialect and the admin API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hinode.api.parsing import FieldError, RequestSchema, parse
from hinode.api.response_schema import ResponseSchema
from hinode.api.values import Value
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period, UsageRow

LONGEST_PERIOD = timedelta(days=366)
DEFAULT_PERIOD = timedelta(days=30)
_EARLIEST = date(2000, 1, 1)
_DAY_SCHEMA = {"type": "string", "format": "date"}


class UsageKey(ResponseSchema):
    """The API key of the requests."""

    id: str = Field(description="Id of the key.")
    name: str | None = Field(description="Name of the key; null once it is deleted.")


class UsageOfDay(ResponseSchema):
    """Usage of one model with one API key on one day."""

    day: str = Field(description="Day in UTC, ISO 8601.", examples=["2026-11-21"])
    model: str = Field(description="Id of the model.", examples=["sora-2"])
    key: UsageKey | None = Field(description="Null for requests with an access token.")
    tasks: int = Field(description="Number of tasks created.")
    completed: int = Field(description="Number of them that completed.")
    failed: int = Field(description="Number of them that failed or were canceled.")
    credits: int = Field(description="Credits charged, and held for unfinished tasks.")


class UsagePage(ResponseSchema):
    """Usage of an account in a period."""

    from_: str = Field(alias="from", description="First day of the period (UTC).")
    to: str = Field(description="Last day of the period (UTC), included.")
    credits: int = Field(description="Total of `credits` in the period.")
    data: list[UsageOfDay] = Field(description="One item per day, model and API key.")


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
    """A period of at most 366 days."""

    from_: NullableDay = Field(
        default=None,
        alias="from",
        description="First day of the period (UTC); by default 29 days before `to`.",
    )
    to: NullableDay = Field(
        default=None,
        description="Last day of the period (UTC), included; by default today. A period has at "
        "most 366 days.",
    )

    def period(self, today: date) -> Period:
        """Return the period. Raises :class:`HinodeError` if it is reversed or too long."""
        last = self.to or today
        first = self.from_ or max(_EARLIEST, last - DEFAULT_PERIOD + timedelta(days=1))
        if first > last:
            raise _invalid("from", f"'from' ({first}) is after 'to' ({last}).")
        if last - first >= LONGEST_PERIOD:
            raise _invalid("from", f"A period has at most {LONGEST_PERIOD.days} days.")
        return Period(first, last)


def parse_period(query: Mapping[str, str], today: date) -> Period:
    """Parse ``from`` and ``to`` of a query. Raises :class:`HinodeError`."""
    return parse(UsageQuery, query, _PHRASES).period(today)


def _no_day(error: FieldError) -> HinodeError:
    message = f"'{error.param}' must be a day such as 2026-11-21, not '{str(error.given)[:40]}'."
    return _invalid(error.param, message)


def _out_of_range(error: FieldError) -> HinodeError:
    return _invalid(error.param, f"'{error.param}' must be between the years 2000 and 8999.")


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


_PHRASES = {
    "day": _no_day,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
}


def render_usage(period: Period, rows: Sequence[UsageRow]) -> dict[str, Any]:
    """Return the JSON of a period's usage: totals, and a row per day, model and key."""
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
