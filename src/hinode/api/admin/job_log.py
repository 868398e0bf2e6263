"""Log lines of workers about a job, in the admin API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.admin.jobs import parse_job_id
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.routing import RouteTable
from hinode.core.jobs.job_log import JobLogLine

_DOCS = DOCS.of("jobs")


class AdminJobLogLine(AdminSchema):
    """A line of a worker's log about a job."""

    at: float = Field(description="Time of the line in Unix seconds, with fractions.")
    level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        description="Level of the line."
    )
    worker: str = Field(description="Id of the worker that logged it.")
    event: str = Field(description="Text of the line.", examples=["render ended"])
    details: dict[str, str | int | float | bool | None] = Field(
        description="Fields of the line, as `engine`, `reason` or `remote_id`."
    )


class AdminJobLog(AdminSchema):
    """The newest 100 lines about a job, oldest first."""

    data: list[AdminJobLogLine] = Field(description="The lines.")


class AdminJobLogRoutes(AdminRoutes):
    """Handler of the log of a job."""

    async def log(self, request: Request, job_id: str) -> Response:
        """Retrieve what workers logged while they had the job, on whichever host, oldest first.

        A render's lines are there within seconds. `log_level` holds for them, too; a failure that
        nobody foresaw has its last line here and its trace in the worker's own log. Secrets and
        folders are taken out. The lines are deleted with the job.
        """

        def log() -> list[JobLogLine]:
            return self.context.core.job_admin.log(parse_job_id(job_id))

        found = await self.call(request, log)
        return json_response({"data": [_line_object(one) for one in found]})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the log of a job."""
    table.add(
        _DOCS, "GET", "/v1/admin/jobs/{job_id}/log", AdminJobLogRoutes(context).log,
        "adminRetrieveJobLog", AdminJobLog, 404,
    )  # fmt: skip


def _line_object(one: JobLogLine) -> dict[str, Any]:
    return {
        "at": one.line.at.timestamp(),
        "level": one.line.level,
        "worker": one.worker,
        "event": one.line.event,
        "details": dict(one.line.details),
    }
