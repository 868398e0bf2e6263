"""The time until a queued job ends: by what runs, what is ahead, and how long such jobs took."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.job_admin import JobSelection
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import PageQuery
from hinode.testing.clock import FakeClock
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.workflows.queues import create_tables
from tests.support.accounts import account_with, caller_of
from tests.support.clock import suite_clock

FOUR_SECONDS = 40
"""The seconds in which the engine renders four seconds of sora-2."""


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    engine = ScriptedEngine()
    settings = load_settings(data=tmp_path, database=database_url, engine=engine.name)
    opened = open_services(settings, engines=EngineRegistry([engine]), clock=suite_clock())
    create_tables(opened.db)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    return caller_of(services, account_with(services))


def make(services: Services, caller: Caller, seconds: str = "4", **params: Any) -> Job:
    wanted = GenerationParams(seconds=seconds, **params)
    return services.core.jobs.create_video(caller, VideoRequest("a fox", wanted))


def put(services: Services, job: Job, state: JobState, **columns: Any) -> None:
    """Put a job into a state, as a worker would have done."""
    with services.db.write() as conn:
        chosen = jobs.update().where(jobs.c.id == job.id)
        conn.execute(chosen.values(state=state.value, **columns))


def completed(services: Services, job: Job, seconds: float) -> None:
    now = services.clock.now()
    started = now - timedelta(seconds=seconds)
    put(services, job, JobState.COMPLETED, started_at=started, ended_at=now)


def running(services: Services, job: Job, seconds: float, **columns: Any) -> None:
    started = services.clock.now() - timedelta(seconds=seconds)
    put(services, job, JobState.RUNNING, started_at=started, **columns)


def left(services: Services, caller: Caller, job: Job) -> int | None:
    return services.core.jobs.job(caller, job.id).remaining_seconds


def test_without_a_completed_job_nothing_is_told(services: Services, caller: Caller) -> None:
    ended = make(services, caller)
    put(services, ended, JobState.FAILED, started_at=ended.created_at, ended_at=ended.created_at)
    assert left(services, caller, make(services, caller)) is None


def test_it_waits_for_what_is_ahead_and_what_runs(services: Services, caller: Caller) -> None:
    for seconds in (FOUR_SECONDS, FOUR_SECONDS, 900):  # one waited for its model to load
        completed(services, make(services, caller), seconds)
    first, twice, last = (make(services, caller, one) for one in ("4", "8", "4"))
    assert [left(services, caller, one) for one in (first, twice, last)] == [40, 120, 160]
    running(services, first, 10)
    assert [left(services, caller, one) for one in (twice, last)] == [110, 150]
    # Longer than expected: at least what is ahead is still to come.
    running(services, first, 500)
    assert left(services, caller, last) == 120
    # By its progress, and by its engine's own word.
    running(services, first, 10, progress=10)
    assert left(services, caller, last) == 210
    running(services, first, 10, expected_end_at=services.clock.now() + timedelta(seconds=7))
    assert left(services, caller, last) == 127
    (news,) = services.core.activity.look({caller.account_id: services.clock.now()}).values()
    assert [one.detail.remaining_seconds for one in news.unfinished] == [7, 87, 127]
    assert services.core.job_admin.view(last.id).remaining_seconds == 127


def test_jobs_that_run_side_by_side_share_what_is_ahead(services: Services, caller: Caller) -> None:
    completed(services, make(services, caller), FOUR_SECONDS)
    for _ in range(2):
        running(services, make(services, caller), 0)
    waiting = [make(services, caller) for _ in range(3)]
    assert [left(services, caller, one) for one in waiting] == [80, 100, 120]


def test_a_model_that_never_rendered_hides_what_is_behind_it(
    services: Services, caller: Caller
) -> None:
    completed(services, make(services, caller), FOUR_SECONDS)
    other = make(services, caller, model="sora-2-pro")
    behind = make(services, caller)
    assert left(services, caller, other) is None
    assert left(services, caller, behind) is None
    put(services, other, JobState.CANCELED, ended_at=services.clock.now())
    assert left(services, caller, behind) == FOUR_SECONDS


def test_a_change_of_the_estimate_alone_is_no_news(services: Services, caller: Caller) -> None:
    completed(services, make(services, caller), FOUR_SECONDS)
    running(services, make(services, caller), 0)
    job = make(services, caller)
    before = services.core.jobs.job(caller, job.id)
    assert isinstance(services.clock, FakeClock)
    services.clock.advance(timedelta(seconds=5))
    after = services.core.jobs.job(caller, job.id)
    assert (before.remaining_seconds, after.remaining_seconds) == (80, 75)
    assert before == after


def test_lists_tell_what_a_look_at_one_job_tells(services: Services, caller: Caller) -> None:
    completed(services, make(services, caller), FOUR_SECONDS)
    running(services, make(services, caller), 10)
    for model in ("sora-2", "sora-2", "sora-2-pro", "sora-2"):
        make(services, caller, model=model)
    core = services.core

    listed = core.jobs.list_videos(caller, limit=9, after=None, ascending=True).items
    assert [one.queue_position for one in listed] == [None, None, 0, 1, 2, 3]
    assert [one.remaining_seconds for one in listed] == [None, None, 70, 110, None, None]
    alone = [core.jobs.job(caller, one.job.id) for one in listed]
    assert [one.remaining_seconds for one in alone] == [one.remaining_seconds for one in listed]
    assert alone == listed
    views = core.job_admin.page(JobSelection(), PageQuery(9)).items
    assert [one.remaining_seconds for one in views] == [None, None, 110, 70, None, None]
    seen = core.place.look(services.clock.now()).unfinished
    assert [one.remaining_seconds for one in seen] == [None, 70, 110, None, None]
