"""The event stream of an account: its jobs and credits, as they change."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hinode.api.account_watcher import OVERLAP
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.routing import RouteTable
from hinode.api.studio.common import DOCS, StudioRoutes
from hinode.api.studio.job_objects import job_object
from hinode.api.studio.me import credits_object
from hinode.core.auth.types import Caller
from hinode.core.errors import HinodeError
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.activity import Activity
from hinode.core.jobs.library import LibraryJob

_DOCS = DOCS.of("jobs")

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}
_LAST_EVENT = {
    "name": "Last-Event-ID",
    "in": "header",
    "schema": {"type": "string"},
    "description": "`id` of the last event that was received, to resume after it.",
}
_OLDEST = timedelta(hours=1)
_CHECK_SECONDS = 5.0
_MILLISECONDS = re.compile(r"[0-9]{1,14}")


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
        return StreamingResponse(
            self._stream(request, caller), media_type="text/event-stream", headers=_HEADERS
        )

    async def _stream(self, request: Request, caller: Caller) -> AsyncIterator[bytes]:
        feed, account = _Feed(self.context, request), caller.account_id
        since, is_reset = resumed_at(request.headers.get("last-event-id"), feed.now())
        if is_reset:
            yield feed.event("reset", {})
        earlier = await self.context.call(self.context.core.activity.look, {account: since})
        for event in feed.events(earlier[account]):
            yield event
        checked = time.monotonic()
        async with aclosing(self.context.account_watcher.states(account, _CHECK_SECONDS)) as news:
            async for activity in news:
                if time.monotonic() - checked >= _CHECK_SECONDS:
                    if not await self._is_still(request, caller):
                        return
                    checked = time.monotonic()
                for event in [b": keep-alive\n\n"] if activity is None else feed.events(activity):
                    yield event

    async def _is_still(self, request: Request, caller: Caller) -> bool:
        """Return whether the credentials of the stream are still valid."""
        try:
            return (await self.auth.caller(request)).account_id == caller.account_id
        except HinodeError:
            return False


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
        """Return an event; its id is the time, from which the stream can be resumed."""
        moment = int(self.now().timestamp() * 1000)
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (moment, name.encode(), dump(data))


def resumed_at(last: str | None, now: datetime) -> tuple[datetime, bool]:
    """Return the time from which ends of jobs are told, and if the reader must begin anew."""
    if last is None:
        return now, False
    if not _MILLISECONDS.fullmatch(last):
        return now, True
    moment = datetime.fromtimestamp(int(last) / 1000, UTC)
    if not now - _OLDEST <= moment <= now + OVERLAP:
        return now, True
    return moment - OVERLAP, False


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the route of the event stream."""
    table.add(
        _DOCS, "GET", "/v1/events", EventRoutes(context).events, "followAccount", _EVENTS,
        parameters=[_LAST_EVENT],
    )  # fmt: skip
