"""A real worker over real DBOS, on both databases, with an engine that does as it is told."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy.exc
from dbos import DBOS
from dbos._sys_db import SystemDatabase

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
from hinode.core.assets.input_images import InputImage
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits import repository as ledger
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobState
from hinode.worker import build_worker
from hinode.workflows.heartbeat import Heartbeat
from hinode.workflows.runtime import Runtime
from hinode.workflows.workspace import JobWorkspace, clear_left
from tests.support.pictures import input_image, png_bytes


class ObedientEngine:
    """Does what the prompt says: render, fail, crash, or wait until it is stopped."""

    name = "obedient"

    def __init__(self) -> None:
        self.stopped: list[UUID] = []
        self.first_frames: list[bytes] = []
        self.submitted: list[UUID] = []

    def capabilities(self) -> Capabilities:
        return Capabilities(
            frozenset(MediaKind),
            True,
            False,
            "Does as it is told.",
            "Apache-2.0",
            DigitalSourceType.ALGORITHM,
            own_metadata=True,  # its files are no media
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        self.submitted.append(spec.job_id)
        if "refuse" in spec.prompt:
            raise EngineError("refused", "The engine refused this prompt.")
        return Ticket({"seen": spec.prompt})

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        spec = context.spec
        assert ticket.data == {"seen": spec.prompt}
        if spec.first_frame is not None:
            self.first_frames.append(spec.first_frame.read_bytes())
        if "crash" in spec.prompt:
            raise RuntimeError("secret internals")
        context.report(0.5)
        if "wait" in spec.prompt:
            try:
                await asyncio.Event().wait()
            finally:
                self.stopped.append(spec.job_id)
        path = context.workdir / "video.mp4"
        path.write_bytes(b"film of " + spec.prompt.encode())
        return [
            Artifact(
                0,
                ArtifactRole.VIDEO,
                path,
                "video/mp4",
                spec.width,
                spec.height,
                spec.frames,
                spec.seconds,
            )
        ]

    async def cancel(self, ticket: Ticket) -> None:
        return None


@pytest.fixture
def engine() -> ObedientEngine:
    return ObedientEngine()


@pytest.fixture
def run_timeout_seconds() -> float:
    return 600.0


@pytest.fixture
def services(
    database_url: str, tmp_path: Path, engine: ObedientEngine, run_timeout_seconds: float
) -> Iterator[Services]:
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        engine=engine.name,
        engines={engine.name: {"concurrency": 2}},
        run_timeout_seconds=run_timeout_seconds,
    )
    opened = open_services(settings, engines=EngineRegistry([engine]))
    ensure_admin(opened.db, opened.clock)
    yield opened
    opened.close()


@pytest.fixture
def worker(services: Services) -> Iterator[Runtime]:
    runtime = build_worker(services)
    runtime.start()
    yield runtime
    runtime.stop(timedelta(0))


@pytest.fixture
def caller(services: Services, worker: Runtime) -> Caller:
    made = first_key(services.db, services.clock)
    assert made is not None
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


def make(services: Services, caller: Caller, prompt: str, image: InputImage | None = None) -> Job:
    return services.core.jobs.create_video(
        caller, VideoRequest(prompt, GenerationParams(seconds="4"), image)
    )


def until(true: Callable[[], bool], seconds: float = 15.0) -> float:
    """Wait until something holds; return how long that took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - started


def ended(services: Services, caller: Caller, job: Job) -> Job:
    until(lambda: services.core.jobs.job(caller, job.id).job.state.ended)
    return services.core.jobs.job(caller, job.id).job


def running(services: Services, caller: Caller, job: Job) -> bool:
    return services.core.jobs.job(caller, job.id).job.progress >= 50


def balance(services: Services, caller: Caller) -> int:
    with services.db.read() as conn:
        return ledger.balance(conn, caller.account_id).amount


def test_jobs_end_each_in_its_way(
    services: Services, caller: Caller, engine: ObedientEngine, tmp_path: Path
) -> None:
    fox = make(services, caller, "a fox", input_image(tmp_path, png_bytes(64, 36)))
    refused = make(services, caller, "refuse this")
    crashed = make(services, caller, "crash here")

    done = ended(services, caller, fox)
    assert done.state is JobState.COMPLETED
    asset = services.core.jobs.content(caller, fox.id, ArtifactRole.VIDEO)
    path = services.settings.data / "objects" / asset.key
    assert path.read_bytes() == b"film of a fox"
    assert engine.first_frames[0].startswith(b"\x89PNG")

    first, second = ended(services, caller, refused), ended(services, caller, crashed)
    assert (first.state, second.state) == (JobState.FAILED, JobState.FAILED)
    assert first.error is not None
    assert (first.error.code, first.error.message) == (
        "refused",
        "The engine refused this prompt.",
    )
    assert second.error is not None
    assert second.error.code == "internal_error"
    assert "secret" not in second.error.message
    assert balance(services, caller) == -100
    # A job's folder goes when its render has ended, which its owner may know a moment before.
    until(lambda: not any((services.settings.data / "work").glob("*/*")))


def test_canceling_a_running_job_stops_its_render_soon(
    services: Services, caller: Caller, engine: ObedientEngine
) -> None:
    job = make(services, caller, "wait for me")
    until(lambda: running(services, caller, job))

    services.core.jobs.cancel(caller, job.id)

    assert until(lambda: job.id in engine.stopped) < 5.0
    assert services.core.jobs.job(caller, job.id).job.state is JobState.CANCELED
    assert balance(services, caller) == 0


@pytest.mark.parametrize("run_timeout_seconds", [1.2])
def test_a_render_past_its_deadline_fails(
    services: Services, caller: Caller, engine: ObedientEngine
) -> None:
    job = ended(services, caller, make(services, caller, "wait too long"))

    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.code == "deadline_exceeded"
    assert engine.stopped == [job.id]
    assert balance(services, caller) == 0


def test_concurrency_is_the_engines_limit(services: Services, caller: Caller) -> None:
    jobs = [make(services, caller, f"wait {n}") for n in range(3)]

    until(lambda: sum(running(services, caller, job) for job in jobs) == 2)

    places = [services.core.jobs.job(caller, job.id).queue_position for job in jobs]
    assert sorted(places, key=lambda place: place is not None) == [None, None, 0]
    for job in jobs:
        services.core.jobs.cancel(caller, job.id)


@pytest.mark.parametrize("run_timeout_seconds", [4.0])
def test_a_stopped_worker_hands_its_job_to_the_next(
    services: Services, engine: ObedientEngine
) -> None:
    first = build_worker(services)
    first.start()
    made = first_key(services.db, services.clock)
    assert made is not None
    caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
    job = make(services, caller, "wait for the next")
    until(lambda: running(services, caller, job))
    first.stop(timedelta(0))
    assert engine.stopped == [job.id]
    assert services.core.jobs.job(caller, job.id).job.state is JobState.RUNNING

    second = build_worker(services)
    second.start()
    try:
        taken = ended(services, caller, job)
    finally:
        second.stop(timedelta(0))

    assert taken.error is not None
    assert taken.error.code == "deadline_exceeded"
    assert engine.stopped == [job.id, job.id]
    assert engine.submitted == [job.id], "a finished submit is never repeated"


def test_a_worker_removes_no_folder_of_another_one_that_lives(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = make(services, caller, "a fox")
    work, locks = tmp_path / "spaces", tmp_path / "locks"
    hung, taker = (JobWorkspace(services.store, work / name) for name in ("hung", "taker"))
    taker_lives = Heartbeat(services.db, locks, "taker", services.clock)
    taker_lives.start()
    hung.require_room()
    assert work.stat().st_mode & 0o077 == 0
    left, kept = hung.output_dir(job), taker.output_dir(job) / "video.mp4"
    kept.write_bytes(b"film")

    hung.output_dir(job)
    hung.clear(job)
    assert (left.exists(), kept.exists()) == (False, True)
    assert clear_left(work, locks) == 1
    assert [folder.name for folder in work.iterdir()] == ["taker"]
    taker_lives.stop()
    assert clear_left(work, locks) == 1


def test_a_worker_that_stops_while_it_takes_work_leaves_it_to_the_next(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    made = first_key(services.db, services.clock)
    assert made is not None
    caller = services.core.auth.authenticate(made.secret, Scope.VIDEOS)
    jobs: list[Job] = []

    for _ in range(4):
        worker = build_worker(services)
        worker.start()
        jobs += [make(services, caller, "a short film") for _ in range(8)]
        ended(services, caller, jobs[-8])
        worker.stop(timedelta(0))

    last = build_worker(services)
    last.start()
    try:
        states = [ended(services, caller, job).state for job in jobs]
    finally:
        last.stop(timedelta(0))
    assert states == [JobState.COMPLETED] * len(jobs)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.fixture
def prevented(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of steps whose first checkpoint the host prevents."""
    left, record = ["submit", "collect"], SystemDatabase.record_operation_result

    def record_unless_full(sys_db: SystemDatabase, result: Any, *args: Any, **options: Any) -> None:
        if result["function_name"] in left:
            left.remove(result["function_name"])
            full = OSError(errno.ENOSPC, "No space left on device")
            raise sqlalchemy.exc.OperationalError("INSERT", {}, full)
        record(sys_db, result, *args, **options)

    monkeypatch.setattr(SystemDatabase, "record_operation_result", record_unless_full)
    return left


def test_a_checkpoint_that_the_host_prevents_ends_no_workflow(
    prevented: list[str], services: Services, caller: Caller, engine: ObedientEngine
) -> None:
    jobs = [make(services, caller, "a fox") for _ in range(2)]
    until(lambda: not DBOS.list_workflows(status=["PENDING", "ENQUEUED"]), 120)

    states = [services.core.jobs.job(caller, job.id).job.state for job in jobs]
    assert states == [JobState.COMPLETED] * 2
    assert prevented == []
    assert sorted(engine.submitted) == [job.id for job in jobs]
    assert {one.status for one in DBOS.list_workflows()} == {"SUCCESS"}
