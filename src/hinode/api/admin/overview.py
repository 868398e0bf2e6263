"""Series for the operator's charts: jobs, waiting and render times, credits, errors by engine."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import NullableInteger, RequestSchema, parse
from hinode.api.routing import RouteTable
from hinode.api.unix_times import to_unix
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.place_sums import PlaceBucket, PlaceSum

_DOCS = DOCS.of("reports")

_DEFAULT_HOURS = 24
_MOST_HOURS, _MOST_DAYS = 168, 92


class OverviewQuery(RequestSchema):
    """The number of hours or days, of which the present one is the last."""

    hours: NullableInteger[Annotated[int, Field(ge=1, le=_MOST_HOURS)]] = Field(
        default=None, description="Number of hours; 24 unless `days` are given."
    )
    days: NullableInteger[Annotated[int, Field(ge=1, le=_MOST_DAYS)]] = Field(
        default=None, description="Number of days (UTC)."
    )

    def bucket_hours(self) -> tuple[int, int]:
        """Return the hours of a bucket and the number of buckets. Raises :class:`HinodeError`."""
        if self.hours is not None and self.days is not None:
            raise HinodeError(
                ErrorCode.INVALID_VALUE, "Give either 'hours' or 'days', not both.", param="days"
            )
        return (24, self.days) if self.days is not None else (1, self.hours or _DEFAULT_HOURS)


class OverviewSum(AdminSchema):
    """Jobs of one engine, or of all, in an hour or a day."""

    created: int = Field(description="Number of jobs created.")
    completed: int = Field(description="Number of jobs that completed.")
    failed: int = Field(description="Number of jobs that failed.")
    canceled: int = Field(description="Number of jobs that were canceled.")
    credits: int = Field(description="Credits charged for the jobs that ended.")
    waiting_seconds: float | None = Field(
        description="Mean time from create to start of the jobs that ended; null without one."
    )
    longest_waiting_seconds: float | None = Field(description="The longest such time.")
    render_seconds: float | None = Field(
        description="Mean time from start to end of the jobs that completed; null without one."
    )


class OverviewEngine(OverviewSum):
    """Jobs of one engine in an hour or a day."""

    engine: str = Field(description="Name of the engine.")


class OverviewBucket(OverviewSum):
    """An hour or a day."""

    start: int = Field(description="Its beginning in Unix seconds.")
    engines: list[OverviewEngine] = Field(description="The same by engine, of those with jobs.")


class Overview(AdminSchema):
    """Hours or days, oldest first; also those without jobs."""

    unit: Literal["hour", "day"] = Field(description="What an item of `data` is.")
    data: list[OverviewBucket] = Field(description="The hours or days.")


class AdminOverviewRoutes(AdminRoutes):
    """Handler of the overview."""

    async def overview(self, request: Request) -> Response:
        """Retrieve jobs, waiting and render times, credits and errors by hour or day, for charts.

        Sums of past hours are kept, so that it costs the same however many jobs there were.
        """

        def overview() -> tuple[int, list[PlaceBucket]]:
            hours, number = parse(OverviewQuery, request.query_params).bucket_hours()
            return hours, self.context.core.place_sums.buckets(hours, number)

        hours, buckets = await self.call(request, overview)
        unit = "hour" if hours == 1 else "day"
        return json_response({"unit": unit, "data": [_bucket(one) for one in buckets]})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the overview."""
    table.add(
        _DOCS, "GET", "/v1/admin/overview", AdminOverviewRoutes(context).overview,
        "adminRetrieveOverview", Overview, 400, query=OverviewQuery,
    )  # fmt: skip


def _bucket(one: PlaceBucket) -> dict[str, Any]:
    engines = [{"engine": name, **_sum(found)} for name, found in sorted(one.engines.items())]
    return {"start": to_unix(one.start), **_sum(one.total), "engines": engines}


def _sum(one: PlaceSum) -> dict[str, Any]:
    return {
        "created": one.created,
        "completed": one.completed,
        "failed": one.failed,
        "canceled": one.canceled,
        "credits": one.credits,
        "waiting_seconds": _mean(one.waited, one.started),
        "longest_waiting_seconds": _mean(one.longest_wait, min(one.started, 1)),
        "render_seconds": _mean(one.rendered, one.completed),
    }


def _mean(milliseconds: int, number: int) -> float | None:
    return round(milliseconds / number / 1000, 3) if number else None
