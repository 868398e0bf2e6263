"""A place whose models have routes of different rules, one of them outside of the house."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.engines import daily_credits
from hinode.core.engines.daily_credits import RouteDay
from hinode.core.jobs import repository
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job
from hinode.engines.base import Capabilities
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.workflows.queues import create_tables

STUDIO = {"engine": "studio", "upstream": "Wan2.2-TI2V-5B"}
HOSTED: dict[str, Any] = {
    "engine": "runway",
    "upstream": "gen4.5",
    "sizes": ["1280x720"],
    "seconds": [5],
    "fps": 24,
    "price": 40,
    "credits_per_day": 1000,
}
IN_STUDIO, HOSTED_PRICE = 100, 200
NATIVE_PRICE = 125  # of a model without lengths of its own: five seconds in the studio
FITTING = 5  # jobs of 200 credits a day
THREADS = 8


MODELS: dict[str, Any] = {
    "sora-2": {"engines": [STUDIO, {**HOSTED, "overflow_after": 60}]},
    "both": {"engines": [HOSTED, STUDIO], "price": 25},
    "only": {"engines": [HOSTED]},
    "hosted": {"engine": "runway", "sizes": ["64x64"], "seconds": [4], "price": 1},
}


class Named(ScriptedEngine):
    def __init__(self, name: str, *, hosted: bool = False) -> None:
        super().__init__()
        self.name = name
        self._hosted = hosted

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), hosted=self._hosted)


def open_place(database_url: str, data: Path, clock: FakeClock) -> Services:
    """Open a place with engines of different rules; nothing runs its jobs."""
    settings = load_settings(data=data, database=database_url, models=MODELS)
    engines = EngineRegistry([Named("studio"), Named("runway", hosted=True)])
    opened = open_services(settings, engines=engines, clock=clock)
    create_tables(opened.db)
    return opened


def create(services: Services, caller: Caller, model: str = "sora-2", **params: Any) -> Job:
    request = VideoRequest("a fox", GenerationParams(model=model, **params))
    return services.core.jobs.create_video(caller, request)


def read(services: Services, job: Job) -> Job:
    with services.db.read() as conn:
        found = repository.find(conn, job.id)
    assert found is not None
    return found


def used(services: Services, model: str, clock: FakeClock) -> int:
    with services.db.read() as conn:
        return daily_credits.used(conn, RouteDay.at("runway", model, clock.now()))


def move(services: Services, places: int = 100) -> int:
    return services.core.router.move_overflow({"runway": places})


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return [one.result() for one in [pool.submit(task) for task in tasks]]


def file_of(job: Job, share: float = 1.0) -> list[Artifact]:
    frames = round(job.plan.frames * share)
    path = Path(__file__)
    return [
        Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 64, frames, frames / job.plan.fps)
    ]


def render(services: Services, job: Job, share: float = 1.0) -> Job:
    order = services.core.execution.begin(job.id, dispatch_no=read(services, job).dispatch_no)
    assert order is not None
    assert services.core.execution.complete(order.job, file_of(order.job, share))
    return read(services, job)
