"""A worker that was taken for dead and wakes: it does nothing to a job that others have by now.

On both databases and without a server: what two workers do is played step by step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from hinode import (
    Artifact,
    Capabilities,
    DigitalSourceType,
    EngineRegistry,
    MediaKind,
    RenderContext,
    RenderSpec,
    Services,
    Ticket,
    load_settings,
    open_services,
)
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.engines.types import AdminState
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.router import DispatchDecision
from hinode.core.jobs.types import Job, JobState
from hinode.engines.base import EngineError
from hinode.testing.clock import FakeClock
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from hinode.workflows.render import Renderer
from tests.support.clock import suite_clock

LATE = 0
"""The dispatch_no of the worker that was taken for dead."""


class Away(EngineError):
    """What an engine raises that cannot be reached."""

    not_accepted = True


class Broken(EngineError):
    """What an engine raises that refuses this one job."""


@dataclass
class FarEngine:
    """An engine on another server that takes what it is given, or raises, maybe late."""

    name: str
    raises: EngineError | None = None
    requested: asyncio.Event | None = None
    answers: asyncio.Event | None = None
    submitted: int = 0
    can_resubmit: bool = False

    def capabilities(self) -> Capabilities:
        video = frozenset({MediaKind.VIDEO})
        return Capabilities(
            video,
            True,
            False,
            "Far.",
            "?",
            DigitalSourceType.TRAINED,
            can_resubmit=self.can_resubmit,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        self.submitted += 1
        number, raises = self.submitted, self.raises
        if self.requested and self.answers:
            self.requested.set()
            await self.answers.wait()
        if raises:
            raise raises
        return Ticket({"id": f"{self.name}-{number}"})

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        raise Broken("render_failed", "It could not be rendered.")

    async def cancel(self, ticket: Ticket) -> None: ...


@dataclass
class Desk:
    """Two engines and a worker's renderer, which two workers share here: it keeps nothing."""

    services: Services
    clock: FakeClock
    caller: Caller
    renderer: Renderer
    first: FarEngine
    second: FarEngine

    def make(self) -> Job:
        request = VideoRequest("a fox", GenerationParams(seconds="4", model="both"))
        return self.services.core.jobs.create_video(self.caller, request)

    def now(self, job: Job) -> Job:
        return self.services.core.jobs.job(self.caller, job.id).job

    def submit(self, job: Job, dispatch_no: int) -> object:
        return asyncio.run(self.renderer.submit(job.id.hex, dispatch_no))

    def move(self, job: Job) -> None:
        """Another worker finds the job's engine stopped, and puts it into another queue."""
        self.services.core.engines.set_admin_state("first", AdminState.STOPPED)
        assert self.services.core.router.decide(job.id, job.dispatch_no) is DispatchDecision.SKIP
        self.services.core.engines.set_admin_state("first", AdminState.OPEN)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    first, second, clock = FarEngine("first"), FarEngine("second"), suite_clock()
    both = {"engines": ["first", "second"], "sizes": ["64x64"], "seconds": [4], "price": 1}
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        engine="first",
        max_submit_attempts=2,
        models={"both": both},
    )
    services = open_services(settings, engines=EngineRegistry([first, second]), clock=clock)
    create_tables(services.db)
    ensure_admin(services.db, clock)
    made = first_key(services.db, clock)
    assert made is not None
    caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
    yield Desk(services, clock, caller, build_worker(services).renderer, first, second)
    services.close()


def test_it_does_not_begin_a_job_that_was_moved_since_its_last_look(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = desk.make()
    decide = type(desk.services.core.router).decide

    def asleep(router: object, job_id: object, dispatch_no: int) -> DispatchDecision:
        monkeypatch.undo()
        seen = decide(router, job_id, dispatch_no)  # type: ignore[arg-type]
        desk.move(job)
        return seen

    monkeypatch.setattr(type(desk.services.core.router), "decide", asleep)

    assert desk.submit(job, LATE) is None

    moved = desk.now(job)
    assert (moved.state, moved.engine, moved.dispatch_no) == (JobState.QUEUED, "second", 1)
    assert (desk.first.submitted, desk.second.submitted) == (0, 0)
    assert desk.submit(job, 1) == {"id": "second-1"}


def test_it_does_not_begin_a_job_that_is_rendered_elsewhere(desk: Desk) -> None:
    job = desk.make()
    desk.move(job)
    assert desk.submit(job, 1) == {"id": "second-1"}
    assert desk.services.core.execution.begin(job.id, dispatch_no=LATE) is None
    running = desk.now(job)
    assert (running.state, running.resume_count) == (JobState.RUNNING, 0)


def test_it_does_not_collect_for_another_engine(desk: Desk) -> None:
    job = desk.make()
    desk.move(job)
    ticket = desk.submit(job, 1)
    asyncio.run(desk.renderer.collect(job.id.hex, {"id": "first-1"}, LATE))
    assert desk.now(job).state is JobState.RUNNING
    order = desk.services.core.execution.begin(job.id, {"id": "second-1"}, dispatch_no=1)
    assert order is not None
    # Its ticket was not kept: a remix would be asked of the wrong engine's job.
    assert (ticket, order.newly_submitted) == ({"id": "second-1"}, True)


def test_it_neither_sends_nor_fails_a_job_that_an_engine_has_taken(desk: Desk) -> None:
    job = desk.make()
    ticket = desk.submit(job, 0)
    desk.services.core.execution.begin(job.id, {"id": "first-1"})  # another worker collects by now
    assert desk.submit(job, LATE) is None
    assert (ticket, desk.first.submitted) == ({"id": "first-1"}, 1)
    assert desk.now(job).state is JobState.RUNNING


@pytest.mark.parametrize("error", [Away("away", "?"), Broken("refused", "?")], ids=["away", "no"])
def test_what_it_learns_too_late_does_not_end_a_job_that_others_go_on_with(
    desk: Desk, error: EngineError
) -> None:
    job, first = desk.make(), desk.first
    first.can_resubmit = True

    async def both() -> object:
        first.raises, first.requested, first.answers = error, asyncio.Event(), asyncio.Event()
        late = asyncio.create_task(desk.renderer.submit(job.id.hex, LATE))
        await first.requested.wait()
        answers, first.raises, first.requested = first.answers, None, None
        ticket = await desk.renderer.submit(job.id.hex, 0)
        answers.set()
        assert await late is None
        return ticket

    assert asyncio.run(both()) == {"id": "first-2"}
    running = desk.now(job)
    assert (running.state, running.engine, running.dispatch_no) == (JobState.RUNNING, "first", 0)


def test_only_engines_that_were_asked_count_as_tries(desk: Desk) -> None:
    """``max_submit_attempts`` is 2 here."""
    job, set_admin_state = desk.make(), desk.services.core.engines.set_admin_state
    for dispatch_no in range(4):
        here = desk.now(job)
        set_admin_state(here.engine, AdminState.STOPPED)
        assert desk.services.core.router.decide(job.id, dispatch_no) is DispatchDecision.SKIP
        set_admin_state(here.engine, AdminState.OPEN)
    assert (desk.now(job).dispatch_no, desk.now(job).submit_failures) == (4, 0)
    desk.first.raises = desk.second.raises = Away("away", "It cannot be reached.")

    assert desk.submit(job, 4) is None
    again = desk.now(job)
    assert (again.state, again.dispatch_no, again.submit_failures) == (JobState.QUEUED, 5, 1)

    desk.clock.advance(timedelta(seconds=3))
    assert desk.submit(job, 5) is None
    assert desk.now(job).state is JobState.FAILED
    assert replace(desk.now(job), error=None).submit_failures == 1
