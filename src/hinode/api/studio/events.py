"""The event stream of an account: its jobs and credits, as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.event_streams import EVENTS_CONTENT, LAST_EVENT, EventStream, event, resumed_at
from hinode.api.routing import RouteTable
from hinode.api.studio.common import DOCS, StudioRoutes
from hinode.api.studio.job_objects import job_object
from hinode.api.studio.me import credits_object
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.activity import Activity
from hinode.core.jobs.library import LibraryJob

_DOCS = DOCS.of("jobs")


class EventRoutes(StudioRoutes):
    """Handler of the event stream."""

    async def events(self, request: Request) -> Response:
        """Follow the account's jobs and credits as server-sent events.

        Events are `job.created`, `job.updated` and `job.ended`, each with a job as in
        `GET /v1/jobs/{id}`; `job.deleted`
        with its `id`; `credits` with the account's credits. The stream begins with the credits and
        every unfinished job, and after `Last-Event-ID` also with the jobs that ended meanwhile; an
        event may come twice. `reset` says that the id is too old: read the list anew. Comments keep
        the connection alive. The stream ends when the credentials do.
        """
        caller = await self.auth.caller(request)
        account, feed = caller.account_id, _Feed(self.context, request)
        stream = EventStream(self.auth, request, caller, self.context.account_watcher, account)
        return stream.respond(self._beginning(feed, account), feed)

    async def _beginning(self, feed: _Feed, account: UUID) -> AsyncIterator[bytes]:
        last = feed.request.headers.get("last-event-id")
        since, is_reset = resumed_at(last, feed.now())
        if is_reset:
            yield feed.event("reset", {})
        earlier = await self.context.call(self.context.core.activity.look, {account: since})
        for one in feed.events(earlier[account]):
            yield one


@dataclass(slots=True)
class _Feed:
    """The events of one stream: what its reader was told, and what is new to it."""

    context: ApiContext
    request: Request
    told: dict[UUID, LibraryJob] = field(default_factory=dict)
    credits: CreditSummary | None = None
    begun: bool = False

    def now(self) -> datetime:
        return self.context.core.jobs.clock.now()

    def events(self, activity: Activity) -> Iterator[bytes]:
        """Yield the events that tell of a state of the account."""
        if activity.credits != self.credits:
            yield self.event("credits", credits_object(activity.credits))
        self.credits = activity.credits
        before = self.told
        current = (*activity.ended, *activity.unfinished)
        self.told = {one.detail.job.id: one for one in current}
        for one in current:
            yield from self._job(before.get(one.detail.job.id), one)
        for job_id, one in before.items():
            if job_id not in self.told and not one.detail.job.state.ended:
                yield self.event("job.deleted", {"id": str(job_id)})
        self.begun = True

    def _job(self, before: LibraryJob | None, one: LibraryJob) -> Iterator[bytes]:
        if one == before:
            return
        is_new = before is None and self.begun
        ended = one.detail.job.state.ended
        name = "job.ended" if ended else "job.created" if is_new else "job.updated"
        yield self.event(name, job_object(self.context.links, self.request, one))

    def event(self, name: str, data: dict[str, Any]) -> bytes:
        return event(self.context.core.jobs.clock, name, data)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the event stream."""
    table.add(
        _DOCS, "GET", "/v1/events", EventRoutes(context).events, "followAccount",
        EVENTS_CONTENT, 429, parameters=[LAST_EVENT],
    )  # fmt: skip
