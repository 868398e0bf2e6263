"""The event stream of the place: jobs, engines, workers and deliveries, as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin.common import DOCS, AdminRoutes
from hinode.api.admin.engines import engine_object
from hinode.api.admin.jobs import job_object
from hinode.api.admin.server import worker_object
from hinode.api.context import ApiContext
from hinode.api.delivery_objects import delivery_object
from hinode.api.event_streams import EVENTS_CONTENT, LAST_EVENT, EventStream, event, resumed_at
from hinode.api.place_watcher import PLACE, PlaceState, Worker
from hinode.api.routing import RouteTable
from hinode.core.jobs.job_admin import JobView
from hinode.core.webhooks.types import DeliveryLogEntry

_DOCS = DOCS.of("server")


class AdminEventRoutes(AdminRoutes):
    """Handler of the place's event stream."""

    async def events(self, request: Request) -> Response:
        """Follow jobs of all accounts, engines, workers and deliveries as server-sent events.

        Events are `job.created`, `job.updated` and `job.ended`, each with a job as in
        `GET /v1/admin/jobs`; `engine.updated` with an engine; `worker.updated` with a worker, and
        `worker.removed` with the `id` of one that others have taken over; `delivery.attempted` with
        a delivery, after each of its attempts. The stream begins with all engines and workers and
        the 200 newest jobs of those that run and of those that wait. After `Last-Event-ID` it also
        tells what ended meanwhile; an event may come twice. `reset` says that the id is too old,
        or that more than 200 jobs ended since: read the lists anew. Comments keep the connection
        alive. The stream ends when the credentials do.
        """
        caller = await self.caller(request)
        feed = _PlaceFeed(self.context)
        stream = EventStream(self.auth, request, caller, self.context.place_watcher, PLACE)
        last = request.headers.get("last-event-id")
        return stream.respond(self._beginning(feed, last), feed)

    async def _beginning(self, feed: _PlaceFeed, last: str | None) -> AsyncIterator[bytes]:
        since, is_reset = resumed_at(last, feed.began_at)
        earlier = await self.context.call(self.context.place_watcher.look, since)
        if is_reset or (last is not None and earlier.jobs.is_cut):
            yield feed.event("reset", {})
        for one in feed.events(earlier):
            yield one


@dataclass(slots=True)
class _PlaceFeed:
    """The events of one stream: what its reader was told, and what is new to it."""

    context: ApiContext
    began_at: datetime = field(init=False)
    jobs: dict[UUID, JobView] = field(default_factory=dict)
    engines: dict[str, dict[str, Any]] = field(default_factory=dict)
    workers: dict[str, bool] = field(default_factory=dict)
    attempts: set[tuple[UUID, int | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.began_at = self.context.core.jobs.clock.now()

    def events(self, state: PlaceState) -> Iterator[bytes]:
        """Yield the events that tell of a state of the place."""
        slots = self.context.readiness.slots()
        for one in state.engines:
            yield from self._engine(engine_object(one, slots, self.context.account_checks))
        yield from self._workers(state.workers)
        yield from self._jobs([*state.jobs.ended, *state.jobs.unfinished])
        yield from self._deliveries(state.deliveries)

    def _engine(self, now: dict[str, Any]) -> Iterator[bytes]:
        if self.engines.get(now["name"]) != now:
            yield self.event("engine.updated", now)
        self.engines[now["name"]] = now

    def _workers(self, found: Iterable[Worker]) -> Iterator[bytes]:
        before, self.workers = self.workers, {}
        for worker in found:
            name, _, alive = worker
            self.workers[name] = alive
            if before.get(name) != alive:
                yield self.event("worker.updated", worker_object(worker))
        for name in before.keys() - self.workers.keys():
            yield self.event("worker.removed", {"id": name})

    def _jobs(self, found: Iterable[JobView]) -> Iterator[bytes]:
        before, self.jobs = self.jobs, {}
        for view in found:
            job = view.job
            self.jobs[job.id] = view
            if before.get(job.id) != view:
                is_new = job.id not in before and job.created_at >= self.began_at
                name = "ended" if job.state.ended else "created" if is_new else "updated"
                yield self.event(f"job.{name}", job_object(view))

    def _deliveries(self, found: Iterable[DeliveryLogEntry]) -> Iterator[bytes]:
        before, self.attempts = self.attempts, set()
        for one in found:
            self.attempts.add((one.id, one.attempt))
            if (one.id, one.attempt) not in before:
                yield self.event("delivery.attempted", delivery_object(one))

    def event(self, name: str, data: dict[str, Any]) -> bytes:
        return event(self.context.core.jobs.clock, name, data)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the place's event stream."""
    table.add(
        _DOCS, "GET", "/v1/admin/events", AdminEventRoutes(context).events, "adminFollowPlace",
        EVENTS_CONTENT, 429, parameters=[LAST_EVENT],
    )  # fmt: skip
