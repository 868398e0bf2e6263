"""The clock of the server in the admin API: shown, and confirmed by the operator."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.key_fields import Time
from hinode.api.parsing import ClosedRequestSchema, Remedy, RequiredInteger
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.unix_times import to_unix
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.timekeeping.types import TOLERANCE, ClockStatus

_DOCS = DOCS.of("server")

_CLOCK = "/v1/admin/clock"


DoubtName = Literal["jumped", "off"]


class ConfirmClock(ClosedRequestSchema):
    """The time by the caller's own clock; the server's must agree with it to the hour."""

    time: Annotated[RequiredInteger[Time], Remedy("The time now, in Unix seconds.")]


class AdminClock(AdminSchema):
    """The clock of the server's machine."""

    time: int = Field(description="In Unix seconds.")
    stored_at: int | None = Field(description="The time that was believed last.")
    doubt: DoubtName | None = Field(
        description="Why workers that show this time end and remove nothing by its age; null: "
        "they believe it. jumped: it does not fit the machine's uptime; off: the machine was "
        "off, and nothing can tell for how long."
    )


class AdminClockRoutes(AdminRoutes):
    """The routes of the clock."""

    async def show(self, request: Request) -> Response:
        """Return what the server's clock shows, and why it is not believed, if it is not."""
        return json_response(
            clock_object(await self.call(request, self.context.core.clocks.status))
        )

    async def confirm(self, request: Request) -> Response:
        """Confirm the server's clock: workers that show its time go by it within a minute."""
        _, parsed = await self.body(request, ConfirmClock)
        return json_response(clock_object(await self.context.call(self._confirm, parsed.time)))

    def _confirm(self, given: int) -> ClockStatus:
        clocks = self.context.core.clocks
        shown = clocks.clock.now().timestamp()
        if abs(timedelta(seconds=shown - given)) > TOLERANCE:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"The server's clock shows {int(shown)}, more than an hour from 'time'.",
                param="time",
                hint="Set the clock of the server's machine.",
            )
        return clocks.confirm()


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the clock."""
    clock = AdminClockRoutes(context)
    table.add(_DOCS, "GET", _CLOCK, clock.show, "adminRetrieveClock", AdminClock)
    table.add(
        _DOCS, "POST", _CLOCK + "/confirm", clock.confirm, "adminConfirmClock", AdminClock, 400,
        body=json_body(ConfirmClock),
    )  # fmt: skip


def clock_object(status: ClockStatus) -> dict[str, Any]:
    """Return the JSON of the clock."""
    return {
        "time": to_unix(status.time),
        "stored_at": to_unix(status.stored_at),
        "doubt": status.doubt,
    }
