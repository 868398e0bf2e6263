"""What counts against an engine and what for it, on both databases and without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

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
from hinode.core.auth.simulation import Simulation
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.engines.types import AdminState, EngineState
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.router import DispatchDecision
from hinode.core.jobs.types import Job, JobState
from hinode.engines.base import EngineError
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.testing.clock import FakeClock
from hinode.worker import build_worker
from hinode.workflows.names import render_workflow_id
from hinode.workflows.queues import create_tables
from hinode.workflows.render import Renderer
from tests.support.clock import suite_clock


class Away(EngineError):
    """What an engine raises that cannot be reached."""

    not_accepted = True


@dataclass
class FarEngine:
    """An engine on another server that takes what it is given, or raises."""

    name: str
    raises: EngineError | None = None
    loses: EngineError | None = None
    barrier: asyncio.Barrier | None = None
    submitted: int = 0
    canceled: list[Ticket] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        return Capabilities(
            frozenset({MediaKind.VIDEO}), True, False, "Far.", "?", DigitalSourceType.TRAINED
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        if self.barrier:
            await self.barrier.wait()
        if self.raises:
            raise self.raises
        self.submitted += 1
        return Ticket({"id": f"{self.name}-{self.submitted}"})

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        raise self.loses or EngineError("render_failed", "It could not be rendered.")

    async def cancel(self, ticket: Ticket) -> None:
        self.canceled.append(Ticket({"id": ticket.data["id"]}))


@dataclass
class Desk:
    """Two engines, and a worker that is told by hand what to do."""

    services: Services
    clock: FakeClock
    caller: Caller
    renderer: Renderer
    first: FarEngine
    second: FarEngine

    def make(self, model: str = "alone", simulate: Simulation | None = None) -> Job:
        request = VideoRequest("a fox", GenerationParams(seconds="4", model=model))
        caller = replace(self.caller, simulation=simulate)
        return self.services.core.jobs.create_video(caller, request)

    def now(self, job: Job) -> Job:
        return self.services.core.jobs.job(self.caller, job.id).job

    def submit(self, job: Job) -> dict[str, object] | None:
        return asyncio.run(self.renderer.submit(job.id.hex, job.dispatch_no))  # type: ignore[return-value]

    @property
    def state(self) -> EngineState:
        found = self.services.core.engines.engines()
        return next(one.state for one in found if one.state.name == "first")

    @property
    def rest(self) -> float:
        until = self.state.cooldown_until
        return (until - self.clock.now()).total_seconds() if until else 0.0


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    first, second, clock = FarEngine("first"), FarEngine("second"), suite_clock()
    one = {"sizes": ["64x64"], "seconds": [4], "price": 1}
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        engine="first",
        models={
            "alone": {"engine": "first", **one},
            "both": {"engines": ["first", "second"], **one},
        },
    )
    services = open_services(settings, engines=EngineRegistry([first, second]), clock=clock)
    create_tables(services.db)
    ensure_admin(services.db, clock)
    made = first_key(services.db, clock)
    assert made is not None
    caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
    yield Desk(services, clock, caller, build_worker(services).renderer, first, second)
    services.close()


AWAY = Away("away", "It cannot be reached.")


def test_an_outage_counts_once_however_many_jobs_meet_it(desk: Desk) -> None:
    jobs = [desk.make() for _ in range(6)]
    desk.first.raises, desk.first.barrier = AWAY, asyncio.Barrier(len(jobs))

    async def all_at_once() -> None:
        await asyncio.gather(*(desk.renderer.submit(job.id.hex, 0) for job in jobs))

    asyncio.run(all_at_once())

    assert [desk.now(job).state for job in jobs] == [JobState.QUEUED] * 6
    assert (desk.state.failures, desk.rest) == (1, 2.0)


def test_a_probe_that_fails_makes_the_rest_longer_and_one_that_is_taken_ends_it(desk: Desk) -> None:
    desk.first.raises, job = AWAY, desk.make()
    for expected in (2.0, 4.0, 8.0):
        assert desk.submit(desk.now(job)) is None
        assert desk.rest == expected
        desk.clock.advance(timedelta(seconds=expected))
    desk.first.raises, job = None, desk.now(job)
    ticket = desk.submit(job)
    assert ticket == {"id": "first-1"}
    assert desk.state.failures == 3
    asyncio.run(desk.renderer.collect(job.id.hex, {"id": "first-1"}, job.dispatch_no))
    assert desk.state == EngineState("first")


@pytest.mark.parametrize("engine_fault", [False, True], ids=["refused", "broken"])
def test_a_probe_that_says_nothing_of_its_engine_lets_the_next_job_be_one_at_once(
    desk: Desk, engine_fault: bool
) -> None:
    jobs = [desk.make() for _ in range(3)]
    desk.first.raises = AWAY
    desk.submit(jobs[0])
    desk.clock.advance(timedelta(seconds=3))
    desk.first.raises = EngineError("refused", "The prompt is too long.")
    desk.first.raises.engine_fault = engine_fault
    desk.submit(jobs[1])
    assert (desk.now(jobs[1]).state, desk.state.failures) == (JobState.FAILED, 1)

    desk.first.raises = None

    assert desk.services.core.router.decide(jobs[2].id, 0) is DispatchDecision.START
    assert desk.services.core.router.decide(jobs[0].id, 1) is DispatchDecision.WAIT  # one at a time


def test_a_probe_that_says_nothing_shortens_no_rest(desk: Desk) -> None:
    jobs = [desk.make() for _ in range(3)]
    desk.first.raises = AWAY
    desk.submit(jobs[0])
    desk.clock.advance(timedelta(seconds=3))
    assert desk.services.core.router.decide(jobs[1].id, 0) is DispatchDecision.START
    order = desk.services.core.execution.begin(jobs[1].id)
    late = desk.services.core.execution.begin(jobs[2].id)
    assert order is not None
    assert late is not None
    desk.clock.advance(timedelta(seconds=1))
    desk.services.core.router.submit_rejected(late.job, "No room.", 90.0)
    rest = desk.rest
    desk.services.core.router.probe_inconclusive(order.job)
    assert desk.rest == rest == 90.0


def test_a_wish_to_be_left_alone_is_kept_by_jobs_that_met_the_same_trouble(desk: Desk) -> None:
    jobs = [desk.make(), desk.make()]
    desk.first.raises, desk.first.barrier = Away("busy", "No room."), asyncio.Barrier(2)
    desk.first.raises.retry_after = 60.0

    async def all_at_once() -> None:
        await asyncio.gather(*(desk.renderer.submit(job.id.hex, 0) for job in jobs))

    asyncio.run(all_at_once())

    assert (desk.state.failures, desk.rest) == (1, 60.0)


def test_a_job_that_is_gone_on_with_tells_nothing_of_its_engine(desk: Desk) -> None:
    running, other = desk.make(), desk.make()
    ticket = desk.submit(running)
    assert ticket is not None
    services = desk.services
    services.core.execution.begin(running.id, ticket)  # the worker dies here
    desk.first.raises = AWAY
    desk.submit(other)
    asyncio.run(desk.renderer.collect(running.id.hex, {"id": "first-1"}, 0))
    assert desk.state.failures == 1


def test_what_only_this_job_lacks_rests_no_engine_and_the_job_waits_by_itself(desk: Desk) -> None:
    job, other = desk.make(), desk.make()
    desk.first.raises = Away("no_account", "No account has the plan.")
    desk.first.raises.job_specific = True
    assert desk.submit(job) is None
    assert (desk.now(job).state, desk.now(job).dispatch_no, desk.now(job).submit_failures) == (
        JobState.QUEUED,
        1,
        1,
    )
    assert desk.state == EngineState("first")
    with desk.services.db.read() as conn:
        query = "SELECT status FROM {}workflow_status WHERE workflow_uuid = :id"
        schema = "" if desk.services.db.is_sqlite else "dbos."
        name = render_workflow_id(job.id.hex, 1)
        assert conn.scalar(sa.text(query.format(schema)), {"id": name}) == "DELAYED"
    desk.first.raises = None
    assert desk.submit(other) == {"id": "first-1"}

    both = desk.make("both")
    desk.first.raises = Away("no_account", "No account has the plan.")
    desk.first.raises.job_specific = True
    assert desk.submit(both) is None
    assert desk.now(both).engine == "second"


def test_a_job_whose_sending_was_cut_off_is_offered_to_no_other_engine(desk: Desk) -> None:
    """Its engine may have it: it honours that the job comes again, another one would render it."""
    job = desk.make("both")
    assert desk.services.core.execution.begin(job.id) is not None  # the worker dies while it sends
    desk.first.raises = AWAY
    assert desk.submit(job) is None
    again = desk.now(job)
    assert (again.state, again.engine, again.dispatch_no) == (JobState.QUEUED, "first", 1)
    assert desk.services.core.router.decide(job.id, 1) is DispatchDecision.WAIT
    desk.services.core.engines.set_admin_state("first", AdminState.STOPPED)
    assert desk.services.core.router.decide(job.id, 1) is DispatchDecision.WAIT
    desk.services.core.engines.set_admin_state("first", AdminState.OPEN)
    desk.first.raises = None
    assert desk.submit(again) == {"id": "first-1"}
    assert desk.second.submitted == 0


@pytest.mark.parametrize(
    "simulation",
    [Simulation(fail_code="render_failed"), Simulation(slow_seconds=0.01)],
    ids=["fails", "slow"],
)
def test_a_simulated_job_tells_nothing_of_its_engine(desk: Desk, simulation: Simulation) -> None:
    desk.first.raises = AWAY
    desk.submit(desk.make())
    desk.clock.advance(timedelta(seconds=3))
    desk.first.raises = None
    rehearsed = desk.make(simulate=simulation)
    ticket = desk.submit(rehearsed)
    assert ticket is not None
    asyncio.run(desk.renderer.collect(rehearsed.id.hex, dict(ticket), 0))  # type: ignore[arg-type]
    assert desk.now(rehearsed).state is JobState.FAILED
    assert desk.state.failures == 1
    assert (
        desk.services.core.router.decide(desk.make().id, 0) is DispatchDecision.START
    )  # the next one tries it


def test_a_simulated_job_that_was_canceled_early_has_nothing_to_call_off(desk: Desk) -> None:
    job = desk.make(simulate=Simulation(stall=True))
    ticket = desk.submit(job)
    assert ticket == {}
    desk.services.core.jobs.cancel(desk.caller, job.id)
    asyncio.run(desk.renderer.collect(job.id.hex, {}, 0))
    assert desk.first.canceled == []
    assert desk.now(job).state is JobState.CANCELED


@pytest.mark.parametrize(("model", "failures"), [("both", 1), ("alone", 0)])
def test_a_broken_engine_fails_its_job_and_rests_if_others_can_go_elsewhere(
    desk: Desk, model: str, failures: int
) -> None:
    desk.first.raises = EngineError("upstream_broken", "It does not work properly.")
    desk.first.raises.engine_fault = True
    job = desk.make(model)
    assert desk.submit(job) is None
    assert desk.now(job).state is JobState.FAILED
    assert desk.state.failures == failures
    assert desk.make("both").engine == ("second" if failures else "first")


@pytest.mark.parametrize(
    ("fault", "stopped"),
    [
        (FailureKind.UNREACHABLE, True),
        (FailureKind.SERVER_ERROR, True),
        (FailureKind.RENDER_FAILED, False),
        (FailureKind.BAD_RESULT, False),
    ],
)
def test_a_job_that_is_given_up_while_it_may_be_rendered_is_stopped_there(
    desk: Desk, fault: FailureKind, stopped: bool
) -> None:
    job = desk.make()
    ticket = desk.submit(job)
    desk.first.loses = UpstreamError(fault)
    asyncio.run(desk.renderer.collect(job.id.hex, {"id": "first-1"}, 0))
    assert ticket == {"id": "first-1"}
    assert desk.now(job).state is JobState.FAILED
    assert desk.first.canceled == ([Ticket({"id": "first-1"})] if stopped else [])


def test_a_job_whose_model_is_gone_from_the_settings_still_ends(
    desk: Desk, tmp_path: Path, database_url: str
) -> None:
    job, other = desk.make("both"), desk.make("both")
    settings = load_settings(data=tmp_path, database=database_url, engine="first")
    services = open_services(
        settings, engines=EngineRegistry([desk.first, desk.second]), clock=desk.clock
    )
    renderer = build_worker(services).renderer
    desk.first.raises = AWAY
    assert asyncio.run(renderer.submit(job.id.hex, 0)) is None
    assert (desk.now(job).state, desk.now(job).dispatch_no) == (JobState.QUEUED, 1)
    assert services.core.router.decide(other.id, 0) is DispatchDecision.WAIT
    desk.first.raises = None
    desk.clock.advance(timedelta(seconds=3))
    assert asyncio.run(renderer.submit(job.id.hex, 1)) == {"id": "first-1"}
    services.close()


def test_a_worker_that_goes_away_leaves_waiting_jobs_as_they_are(desk: Desk) -> None:
    desk.services.core.engines.set_admin_state("first", AdminState.STOPPED)
    job = desk.make()

    async def leave() -> None:
        waiting = asyncio.create_task(desk.renderer.submit(job.id.hex, 0))
        await asyncio.sleep(0)
        desk.renderer.retry.shutting_down.set()
        async with asyncio.timeout(10):
            await waiting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(leave())
    assert desk.now(job) == job
    assert desk.first.submitted == 0


def test_a_job_waits_in_the_queue_while_the_disk_is_nearly_full(desk: Desk) -> None:
    job = desk.make()
    full = replace(desk.renderer.workspace, reserve_bytes=2**62)
    renderer = replace(desk.renderer, workspace=full)

    async def attempt() -> object:
        waiting = asyncio.create_task(renderer.submit(job.id.hex, 0))
        await asyncio.sleep(0)
        desk.renderer.retry.shutting_down.set()
        return await waiting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(attempt())
    assert desk.now(job) == job
    assert desk.first.submitted == 0
