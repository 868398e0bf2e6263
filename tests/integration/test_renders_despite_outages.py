"""A job that meets an outage of its host is neither lost, nor sent twice, nor failed for it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import sqlalchemy.exc

from hinode import (
    Artifact,
    ArtifactRole,
    Capabilities,
    DigitalSourceType,
    EngineError,
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
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import Balance
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import DEADLINE, Job, JobError, JobState, RenderOrder
from hinode.storage.errors import StorageError
from hinode.testing.clock import FakeClock
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from hinode.workflows.render import Renderer
from tests.support.clock import suite_clock

T = TypeVar("T")


class Exhausted(EngineError):
    """A child process that was killed, perhaps by a host without memory."""

    host_suspected = True


@dataclass
class FarEngine:
    """An engine that has each job once, and whose collects end as told, one after the other."""

    name = "far"
    clock: FakeClock
    submitted: int = 0
    collected: int = 0
    errors: list[Exception] = field(default_factory=list)
    before_collect: Callable[[], None] = lambda: None

    def capabilities(self) -> Capabilities:
        return Capabilities(
            frozenset({MediaKind.VIDEO}),
            True,
            False,
            "Far.",
            "?",
            DigitalSourceType.TRAINED,
            can_resubmit=False,
            own_metadata=True,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        self.submitted += 1
        return Ticket({"id": self.submitted})

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        self.collected += 1
        self.before_collect()
        if self.errors:
            raise self.errors.pop(0)
        spec, path = context.spec, context.workdir / "video.mp4"
        path.write_bytes(b"film")
        size = (spec.width, spec.height, spec.frames, spec.seconds)
        return [Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", *size)]

    async def cancel(self, ticket: Ticket) -> None: ...


@dataclass(frozen=True)
class LossyExecution(JobExecution):
    """Loses the connection right after the commits that it is told to."""

    lost: set[str] = field(default_factory=set)

    def begin(self, job_id: Any, ticket: Any = None, *, dispatch_no: int = 0) -> RenderOrder | None:
        return self._lose("begin", super().begin(job_id, ticket, dispatch_no=dispatch_no))

    def complete(self, job: Job, rendered: list[Artifact], **options: Any) -> bool:
        return self._lose("complete", super().complete(job, rendered, **options))

    def fail_if_current(self, job: Job, error: JobError, *, may_cost: bool) -> bool:
        return self._lose("fail", super().fail_if_current(job, error, may_cost=may_cost))

    def _lose(self, name: str, result: T) -> T:
        if name in self.lost:
            self.lost.remove(name)
            lost = psycopg.OperationalError("server closed the connection unexpectedly")
            raise sqlalchemy.exc.OperationalError("COMMIT", {}, lost, connection_invalidated=True)
        return result


@dataclass
class Place:
    services: Services
    clock: FakeClock
    caller: Caller
    engine: FarEngine
    renderer: Renderer

    def make(self) -> Job:
        request = VideoRequest("a fox", GenerationParams(seconds="4"))
        return self.services.core.jobs.create_video(self.caller, request)

    def now(self, job: Job) -> Job:
        return self.services.core.jobs.job(self.caller, job.id).job

    def balance(self) -> Balance:
        with self.services.db.read() as conn:
            return ledger.balance(conn, self.caller.account_id)

    def losing(self, *names: str) -> Renderer:
        """Return a worker whose first commit of each of these calls loses its confirmation."""
        now = self.renderer.execution
        parts = {one.name: getattr(now, one.name) for one in fields(JobExecution)}
        return replace(self.renderer, execution=LossyExecution(**parts, lost=set(names)))

    def run(self, renderer: Renderer, job: Job) -> Job:
        """Run the steps of a job's workflow."""

        async def steps() -> None:
            ticket = await renderer.submit(job.id.hex, 0)
            if ticket is not None:
                await renderer.collect(job.id.hex, ticket, 0)

        asyncio.run(steps())
        return self.now(job)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    with opened(database_url, tmp_path, queue_hours=2, run_seconds=3600) as place:
        yield place


@contextmanager
def opened(
    database_url: str, data: Path, *, queue_hours: float, run_seconds: float
) -> Iterator[Place]:
    clock = suite_clock()
    engine = FarEngine(clock)
    settings = load_settings(
        data=data,
        database=database_url,
        engine="far",
        queue_timeout_hours=queue_hours,
        run_timeout_seconds=run_seconds,
    )
    services = open_services(settings, engines=EngineRegistry([engine]), clock=clock)
    create_tables(services.db)
    ensure_admin(services.db, clock)
    made = first_key(services.db, clock)
    assert made is not None
    caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
    yield Place(services, clock, caller, engine, build_worker(services).renderer)
    services.close()


def test_a_begin_whose_confirmation_was_lost_is_no_reason_to_doubt_the_submit(place: Place) -> None:
    ended = place.run(place.losing("begin"), place.make())
    assert (ended.state, place.engine.submitted) == (JobState.COMPLETED, 1)


def test_a_job_that_another_worker_had_begun_is_doubted_despite_a_lost_confirmation(
    place: Place,
) -> None:
    job = place.make()
    place.services.core.execution.begin(job.id)  # its worker died then
    place.clock.advance(timedelta(seconds=30))
    ended = place.run(place.losing("begin"), job)
    assert ended.error is not None
    assert (ended.error.code, place.engine.submitted) == ("upstream_uncertain", 0)


def test_a_complete_whose_confirmation_was_lost_is_repeated_without_another_collect(
    place: Place,
) -> None:
    ended = place.run(place.losing("complete"), place.make())
    assert (ended.state, place.engine.collected) == (JobState.COMPLETED, 1)
    asset = place.services.core.jobs.content(place.caller, ended.id, ArtifactRole.VIDEO)
    assert place.services.store.head(asset.key)


def test_a_failure_whose_confirmation_was_lost_is_refunded_once(place: Place) -> None:
    before = place.balance()
    place.engine.errors = [EngineError("refused", "No.")]
    ended = place.run(place.losing("fail"), place.make())
    assert ended.state is JobState.FAILED
    assert place.balance() == before


def test_a_submit_whose_checkpoint_was_lost_returns_its_ticket_again(place: Place) -> None:
    job = place.make()
    first = asyncio.run(place.renderer.submit(job.id.hex, 0))
    again = asyncio.run(place.renderer.submit(job.id.hex, 0))
    assert (first, again, place.engine.submitted) == ({"id": 1}, {"id": 1}, 1)


def test_a_render_that_may_have_met_a_host_without_memory_is_repeated(place: Place) -> None:
    place.engine.errors = [Exhausted("render_crashed", "Killed.")] * 2
    ended = place.run(place.renderer, place.make())
    assert (ended.state, place.engine.collected) == (JobState.COMPLETED, 3)


def test_what_happens_three_times_in_a_row_is_the_jobs_own(place: Place) -> None:
    place.engine.errors = [Exhausted("render_crashed", "Killed.")] * 3
    ended = place.run(place.renderer, place.make())
    assert ended.error is not None
    assert (ended.error.code, place.engine.collected) == ("render_crashed", 3)


@pytest.mark.parametrize("failures", [1, 2])
def test_what_happens_twice_while_other_jobs_succeed_is_the_jobs_own(
    place: Place, failures: int
) -> None:
    other, job = place.make(), place.make()
    killed = Exhausted("render_crashed", "Killed.")

    async def steps() -> None:
        for one in (job, other):
            assert await place.renderer.submit(one.id.hex, 0)
        place.engine.errors = [killed]
        place.engine.before_collect = begun.set
        failing = asyncio.create_task(place.renderer.collect(job.id.hex, {"id": 1}, 0))
        await begun.wait()
        place.engine.before_collect = lambda: None
        await place.renderer.collect(other.id.hex, {"id": 2}, 0)
        place.engine.errors = [killed] * (failures - 1)
        await failing

    begun = asyncio.Event()
    asyncio.run(steps())
    assert place.now(other).state is JobState.COMPLETED
    expected = (JobState.COMPLETED, None) if failures == 1 else (JobState.FAILED, killed.code)
    error = place.now(job).error
    assert (place.now(job).state, error and error.code) == expected


def test_the_deadline_moves_on_while_the_host_fails_within_the_time_in_the_queue(
    place: Place,
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    deadlines: list[datetime] = []
    job = place.make()

    def an_hour_passes() -> None:
        deadlines.append(place.now(job).deadline_at)
        if len(deadlines) < 3:
            place.clock.advance(timedelta(minutes=50))

    place.engine.errors, place.engine.before_collect = [full, full], an_hour_passes
    assert place.run(place.renderer, job).state is JobState.COMPLETED
    begun = job.created_at
    assert deadlines == [begun + timedelta(minutes=m) for m in (60, 110, 120)]


@dataclass(frozen=True)
class HomelessExecution(JobExecution):
    """Has no store for what was rendered."""

    def complete(self, job: Job, rendered: list[Artifact], **options: Any) -> bool:
        raise StorageError("The store does not answer.", hint="")


def test_a_store_that_stays_away_ends_a_job_at_its_deadline(
    database_url: str, tmp_path: Path
) -> None:
    with opened(database_url, tmp_path, queue_hours=1 / 3600, run_seconds=0.7) as place:
        before = place.balance()
        now = place.renderer.execution
        parts = {one.name: getattr(now, one.name) for one in fields(JobExecution)}
        renderer = replace(place.renderer, execution=HomelessExecution(**parts))
        ended = place.run(renderer, place.make())
        assert ended.state is JobState.FAILED
        assert ended.error == DEADLINE
        assert place.balance() == before
