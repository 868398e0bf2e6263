"""The operator's charts: sums by hour and day, kept and fresh, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.api.admin.overview import Overview
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.place_sums import HOURS_AT_ONCE
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs, place_hours, usage_days
from hinode.core.jobs.types import JobError
from hinode.core.jobs.usage_report import UsageGroup
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock
from hinode.testing.server import live_server
from hinode.workflows.queues import create_tables
from tests.support.accounts import account_with, caller_of, operator_client
from tests.support.database_work import DatabaseWork
from tests.support.many_jobs import add_jobs

FOX = VideoRequest("a fox", GenerationParams())
BROKEN = JobError("engine_failed", "The engine broke.")
HOUR = timedelta(hours=1)


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    # Ids carry the time of the machine, by which jobs of an hour are found.
    clock.advance(datetime.now(UTC).replace(minute=20, second=0) - clock.now())
    settings = load_settings(data=tmp_path, database=database_url, workers=False)
    opened = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(opened.db)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    return caller_of(services, account_with(services))


def rendered(services: Services, caller: Caller, clock: FakeClock, folder: Path) -> None:
    """Have a job wait for ten seconds and render for twenty."""
    job = services.core.jobs.create_video(caller, FOX)
    clock.advance(timedelta(seconds=10))
    order = services.core.execution.begin(job.id)
    assert order is not None
    clock.advance(timedelta(seconds=20))
    path = folder / "film.mp4"
    path.write_bytes(b"film")
    film = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 2, 2, 96, 4.0)
    services.core.execution.complete(order.job, [film])


def overview(services: Services, query: str = "") -> dict[str, Any]:
    with live_server(services) as server, operator_client(server) as admin:
        found: dict[str, Any] = admin.get(f"/admin/overview{query}").json()
    Overview.model_validate(found)
    return found


def test_an_hour_reads_alike_while_it_goes_on_and_when_it_is_kept(
    services: Services, caller: Caller, clock: FakeClock, tmp_path: Path
) -> None:
    rendered(services, caller, clock, tmp_path)
    rendered(services, caller, clock, tmp_path)
    failed = services.core.jobs.create_video(caller, FOX)
    services.core.execution.fail(failed.id, BROKEN)
    canceled = services.core.jobs.create_video(caller, FOX)
    services.core.job_admin.cancel(canceled.id)

    fresh = overview(services)
    assert services.core.place_sums.keep() == 0, "the hour is not over"
    clock.advance(HOUR + timedelta(minutes=1))
    assert services.core.place_sums.keep() == 1
    assert services.core.place_sums.keep() == 0
    with services.db.write() as conn:
        conn.execute(jobs.update().values(charged=0))  # what is kept is not read again
    kept = overview(services)

    assert (fresh["unit"], len(fresh["data"])) == ("hour", 24)
    assert kept["data"][-2] == fresh["data"][-1]
    hour = fresh["data"][-1]
    (engine,) = hour.pop("engines")
    start = hour.pop("start")
    assert start == int(clock.now().timestamp()) // 3600 * 3600 - 3600
    assert engine == {"engine": "preview", **hour}
    assert hour == {
        "created": 4,
        "completed": 2,
        "failed": 1,
        "canceled": 1,
        "credits": 200,
        "waiting_seconds": 10.0,
        "longest_waiting_seconds": 10.0,
        "render_seconds": 20.0,
    }
    assert kept["data"][-1]["waiting_seconds"] is None


def test_usage_reads_alike_before_and_after_it_is_added_up(
    services: Services, caller: Caller, clock: FakeClock, tmp_path: Path
) -> None:
    reports, today = services.core.reports, clock.now().date()
    period, groups = Period(today, today), [UsageGroup.DAY, UsageGroup.MODEL, UsageGroup.ENGINE]
    assert reports.add_up() == 0
    rendered(services, caller, clock, tmp_path)
    services.core.job_admin.cancel(services.core.jobs.create_video(caller, FOX).id)

    fresh = reports.usage(period, groups)
    assert reports.add_up() == 4
    rendered(services, caller, clock, tmp_path)
    with services.db.write() as conn:
        conn.execute(usage_days.delete())  # which has a row for each account
    (mixed,) = reports.usage(period, groups)

    (one,) = fresh
    assert (one.jobs, one.completed, one.failed, one.credits) == (2, 1, 1, 100)
    assert mixed == replace(one, jobs=3, completed=2, credits=200)


def test_days_are_sums_of_hours_and_old_hours_are_kept_in_turns(
    services: Services, caller: Caller, clock: FakeClock, tmp_path: Path
) -> None:
    rendered(services, caller, clock, tmp_path)
    clock.advance(4 * HOURS_AT_ONCE * HOUR / 2)
    services.core.execution.fail(services.core.jobs.create_video(caller, FOX).id, BROKEN)

    assert [services.core.place_sums.keep() for _ in range(4)] == [48, 48, 0, 0]
    days = overview(services, "?days=5")["data"]
    assert [one["completed"] for one in days] == [1, 0, 0, 0, 0]
    assert days[-1]["failed"] == 1
    clock.advance(timedelta(days=401))
    while services.core.place_sums.keep():
        pass
    with services.db.read() as conn:
        assert not conn.execute(place_hours.select().where(place_hours.c.completed > 0)).all()


def test_a_chart_does_not_read_the_jobs_of_hours_that_are_over(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    sums, work = services.core.place_sums, DatabaseWork(services.db)

    def cost(jobs: int) -> int:
        add_jobs(services, caller, jobs)
        clock.advance(3 * HOUR)
        while sums.keep():
            pass
        return work.of(lambda: sums.buckets(1, 48))

    few, many = cost(50), cost(500)
    assert many <= 1.5 * few + 1000


@pytest.mark.parametrize(
    "query", ["?hours=0", "?hours=169", "?days=93", "?days=1&hours=1", "?days=x"]
)
def test_what_cannot_be_shown_is_refused(services: Services, query: str) -> None:
    with live_server(services) as server, operator_client(server) as admin:
        answer = admin.get(f"/admin/overview{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
