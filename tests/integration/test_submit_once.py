"""Work is handed over once, whatever happens around it; what nobody waits for is called off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hinode import (
    Artifact,
    Capabilities,
    DigitalSourceType,
    EngineRegistry,
    HinodeError,
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
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobState
from hinode.media.types import JobAction
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from hinode.workflows.render import Renderer


class Killed(BaseException):
    """The process has died in this moment."""


class FarEngine:
    """An engine on another server, whose submit may be cut off after it has arrived."""

    name = "far"
    can = Capabilities(
        frozenset({MediaKind.VIDEO}), False, False, "Far.", "?", DigitalSourceType.TRAINED,
        actions=frozenset({JobAction.CREATE}), max_outputs=2, can_resubmit=False,
    )  # fmt: skip

    def __init__(self) -> None:
        self.submitted = 0
        self.dies = False
        self.canceled: list[str] = []

    def capabilities(self) -> Capabilities:
        return self.can

    async def submit(self, spec: RenderSpec) -> Ticket:
        self.submitted += 1
        if self.dies:
            raise Killed
        return Ticket({"id": f"far-{self.submitted}"})

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        raise AssertionError("nothing is collected here")

    async def cancel(self, ticket: Ticket) -> None:
        self.canceled.append(str(ticket.data["id"]))


@pytest.fixture
def engine() -> FarEngine:
    return FarEngine()


@pytest.fixture
def services(database_url: str, tmp_path: Path, engine: FarEngine) -> Iterator[Services]:
    settings = load_settings(data=tmp_path, database=database_url, engine=engine.name)
    opened = open_services(settings, engines=EngineRegistry([engine]))
    create_tables(opened.db)
    ensure_admin(opened.db, opened.clock)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    made = first_key(services.db, services.clock)
    assert made is not None
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


@pytest.fixture
def renderer(services: Services) -> Renderer:
    return build_worker(services).renderer


def make(services: Services, caller: Caller) -> Job:
    return services.core.jobs.create_video(
        caller, VideoRequest("a fox", GenerationParams(seconds="4"))
    )


def now(services: Services, caller: Caller, job: Job) -> Job:
    return services.core.jobs.job(caller, job.id).job


def test_a_submit_that_a_crash_cut_off_is_not_repeated(
    services: Services, caller: Caller, engine: FarEngine, renderer: Renderer
) -> None:
    job, engine.dies = make(services, caller), True
    with pytest.raises(Killed):
        asyncio.run(renderer.submit(job.id.hex, 0))
    engine.dies = False
    assert asyncio.run(renderer.submit(job.id.hex, 0)) is None
    ended = now(services, caller, job)
    assert engine.submitted == 1
    assert ended.state is JobState.FAILED
    assert ended.error is not None
    assert ended.error.code == "upstream_uncertain"


def test_where_it_does_no_harm_it_is_repeated(
    services: Services, caller: Caller, engine: FarEngine, renderer: Renderer
) -> None:
    job, engine.dies = make(services, caller), True
    with pytest.raises(Killed):
        asyncio.run(renderer.submit(job.id.hex, 0))
    engine.dies, engine.can = False, replace(engine.can, can_resubmit=True)
    assert asyncio.run(renderer.submit(job.id.hex, 0)) == {"id": "far-2"}


@pytest.mark.parametrize("deleted", [False, True], ids=["canceled", "deleted"])
def test_what_was_canceled_while_it_was_sent_is_called_off(
    services: Services, caller: Caller, engine: FarEngine, renderer: Renderer, deleted: bool
) -> None:
    job = make(services, caller)
    ticket = asyncio.run(renderer.submit(job.id.hex, 0))
    assert ticket is not None
    if deleted:
        services.core.jobs.delete(caller, job.id)
    else:
        services.core.jobs.cancel(caller, job.id)
    asyncio.run(renderer.collect(job.id.hex, ticket, 0))
    assert engine.canceled == ["far-1"]


NEVER_READ = InputImage(Path("image.png"), 64, 64)


@pytest.mark.parametrize(
    ("request_", "param"),
    [
        (
            VideoRequest("a fox", GenerationParams(seconds="4"), NEVER_READ),
            "input_reference",
        ),
        (VideoRequest("a fox", GenerationParams(seconds="4", outputs=3)), "n"),
    ],
    ids=["first frame", "outputs"],
)
def test_what_the_engine_cannot_do_is_refused_before_it_is_a_job(
    services: Services, caller: Caller, request_: VideoRequest, param: str
) -> None:
    with pytest.raises(HinodeError) as caught:
        services.core.jobs.create_video(caller, request_)
    assert caught.value.param == param
    assert "cannot make" in str(caught.value)
    assert not any(services.core.jobs.unfinished_jobs().values())
