"""The server in the admin API: its workers, settings and health."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import structlog
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes, AdminSchema
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.routing import RouteTable
from hinode.api.unix_times import to_unix
from hinode.core.jobs.types import JobState

_DOCS = DOCS.of("server")

log = structlog.get_logger("hinode.health")


class AdminWorker(AdminSchema):
    """A worker process."""

    id: str = Field(description="Id of the worker, of its host and process.")
    last_heartbeat_at: int = Field(description="Time of its last heartbeat in Unix seconds.")
    alive: bool = Field(description="True if that is fresh.")


class WorkerList(AdminSchema):
    """The workers."""

    data: list[AdminWorker] = Field(description="The workers.")


class AdminSetting(AdminSchema):
    """A setting in force on this server."""

    name: str = Field(description="Name as in `hinode.toml`.", examples=["signup"])
    value: Any = Field(description="Its value; a secret is `***`.")
    source: Literal["published", "argument", "environment", "file", "default"] = Field(
        description="Where it came from."
    )
    place: str | None = Field(description="The variable or the file, or null.")


class SettingList(AdminSchema):
    """The settings in force on this server."""

    data: list[AdminSetting] = Field(description="The settings.")


class AdminSlots(AdminSchema):
    """Slots of an engine in this process."""

    engine: str = Field(description="Name of the engine.")
    occupied: int = Field(description="Jobs that it renders now.")
    total: int = Field(description="Jobs that it renders at once.")


class Health(AdminSchema):
    """The health of this server."""

    database: bool = Field(description="True if the database answers.")
    storage: bool = Field(description="True if the object store answers.")
    workers: bool = Field(description="True if a worker is alive.")
    creates_refused: str | None = Field(description="Why creates would fail; null if they work.")
    clock: str = Field(description="`ok`, or why this machine's clock is not believed.")
    free_bytes: int = Field(description="Free space of the data folder.")
    queued: int = Field(description="Jobs that wait.")
    running: int = Field(description="Jobs that are rendered.")
    engines: dict[str, str] = Field(description="The condition of each engine in one word.")
    slots: list[AdminSlots] = Field(description="Slots of this process; empty without a worker.")


class AdminCheck(AdminSchema):
    """A check of what Hinode needs."""

    name: str = Field(description="What was checked.", examples=["database"])
    status: Literal["ok", "warning", "error"] = Field(description="Result of the check.")
    detail: str = Field(description="What was found.")
    remedy: str = Field(description="What to do; empty when all is well.")


class CheckList(AdminSchema):
    """The checks of `hinode doctor`."""

    data: list[AdminCheck] = Field(description="The checks.")


class AdminServerRoutes(AdminRoutes):
    """Handlers of the server."""

    async def workers(self, request: Request) -> Response:
        """List the worker processes of all hosts."""
        found = await self.call(request, self.context.readiness.worker_list)
        return json_response({"data": [worker_object(one) for one in found]})

    async def settings(self, request: Request) -> Response:
        """List the settings in force on this server, and where each came from.

        Secrets are hidden; settings are changed in `hinode.toml` or the environment.
        """
        found = await self.call(request, self.context.readiness.settings)
        names = ("name", "value", "source", "place")
        return json_response({"data": [dict(zip(names, one, strict=True)) for one in found]})

    async def doctor(self, request: Request) -> Response:
        """Run the checks of `hinode doctor` on this server's machine.

        They take some seconds, and a minute at most; who asks meanwhile gets the same results.
        """
        await self.caller(request)
        found = await self.context.readiness.doctor()
        return json_response({"data": [dict(one) for one in found]})

    async def health(self, request: Request) -> Response:
        """Retrieve the health of this server: what `/readyz` tells, and its queue and slots."""
        return json_response(await self.call(request, self._health))

    def _health(self) -> dict[str, Any]:
        readiness, jobs = self.context.readiness, self.context.core.jobs.unfinished_jobs()
        reads = {name: _works(name, check) for name, check in readiness.reads().items()}
        return {
            **reads,
            "workers": _works("workers", readiness.workers),
            "creates_refused": readiness.creates(),
            "clock": readiness.clock(),
            "free_bytes": readiness.free_bytes(),
            "queued": jobs[JobState.QUEUED],
            "running": jobs[JobState.RUNNING],
            "engines": dict(readiness.engines()),
            "slots": [
                {"engine": name, "occupied": occupied, "total": total}
                for name, (occupied, total) in sorted(readiness.slots().items())
            ],
        }


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the server."""
    routes = AdminServerRoutes(context)
    for name, endpoint, operation, schema in (
        ("workers", routes.workers, "adminListWorkers", WorkerList),
        ("settings", routes.settings, "adminListSettings", SettingList),
        ("doctor", routes.doctor, "adminRunDoctor", CheckList),
        ("health", routes.health, "adminRetrieveHealth", Health),
    ):
        table.add(_DOCS, "GET", f"/v1/admin/{name}", endpoint, operation, schema)


def worker_object(worker: tuple[str, datetime, bool]) -> dict[str, Any]:
    """Return the JSON of a worker: its id, its last heartbeat, and if that is fresh."""
    name, last_heartbeat_at, alive = worker
    return {"id": name, "last_heartbeat_at": to_unix(last_heartbeat_at), "alive": alive}


def _works(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as error:
        log.warning("a health check failed", check=name, reason=str(error) or repr(error))
        return False
    return True
