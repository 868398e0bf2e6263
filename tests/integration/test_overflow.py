"""Jobs that wait long enough go to another route, within its credits of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth.types import Caller
from hinode.core.credits import repository as ledger
from hinode.core.engines import daily_credits
from hinode.core.engines.daily_credits import RouteDay
from hinode.core.engines.tables import route_days
from hinode.core.engines.types import AdminState
from hinode.core.jobs.account_admin import AccountUpdate
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.router import DispatchDecision
from hinode.core.jobs.types import Job, JobError, JobState
from hinode.core.jobs.usage_report import UsageGroup
from hinode.testing.clock import FakeClock
from tests.support.accounts import account_with, caller_of
from tests.support.kept_sums import assert_sums_are_exact
from tests.support.overflow import (
    FITTING,
    HOSTED_PRICE,
    IN_STUDIO,
    NATIVE_PRICE,
    THREADS,
    create,
    move,
    open_place,
    read,
    render,
    together,
    used,
)


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    opened = open_place(database_url, tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    return caller_of(services, account_with(services, 1_000_000))


def test_a_job_moves_when_it_has_waited_long_enough_and_pays_where_it_is_rendered(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    job = create(services, caller)
    assert (job.engine, job.price, job.route_price) == ("studio", HOSTED_PRICE, IN_STUDIO)
    assert (str(job.plan.size), job.plan.frames) == ("704x1280", 97)

    clock.advance(timedelta(seconds=59))
    assert move(services) == 0
    clock.advance(timedelta(seconds=1))
    assert move(services) == 1

    moved = read(services, job)
    assert (moved.engine, moved.upstream, moved.state) == ("runway", "gen4.5", JobState.QUEUED)
    assert (str(moved.plan.size), moved.plan.frames, moved.plan.fps) == ("1280x720", 120, 24)
    assert (moved.price, moved.route_price) == (HOSTED_PRICE, HOSTED_PRICE)
    assert used(services, "sora-2", clock) == HOSTED_PRICE
    router = services.core.router
    assert router.decide(job.id, 0) is DispatchDecision.SKIP
    assert router.decide(job.id, 1) is DispatchDecision.START
    assert move(services) == 0
    period = Period(job.created_at.date(), clock.now().date())
    (usage,) = services.core.reports.usage(period, [UsageGroup.ENGINE])
    assert (usage.engine, usage.jobs, usage.credits) == ("runway", 1, HOSTED_PRICE)

    assert render(services, moved, share=0.5).charged == HOSTED_PRICE // 2
    assert used(services, "sora-2", clock) == HOSTED_PRICE // 2
    with services.db.read() as conn:
        entry = ledger.entries(conn, caller.account_id)[-1]
    assert (entry.engine, entry.upstream, entry.amount) == ("runway", "gen4.5", HOSTED_PRICE // 2)
    assert_sums_are_exact(services.db)


def test_what_a_cheaper_route_rendered_costs_its_own_price(
    services: Services, caller: Caller
) -> None:
    ended = render(services, create(services, caller))

    assert (ended.engine, ended.price, ended.charged) == ("studio", HOSTED_PRICE, IN_STUDIO)
    assert_sums_are_exact(services.db)


def test_a_job_that_runs_or_has_ended_does_not_move(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    running, ended = create(services, caller), create(services, caller)
    assert services.core.execution.begin(running.id) is not None
    services.core.jobs.cancel(caller, ended.id)
    clock.advance(timedelta(minutes=2))

    assert move(services) == 0
    assert read(services, running).state is JobState.RUNNING
    assert used(services, "sora-2", clock) == 0


def test_a_job_that_begins_while_it_is_looked_at_stays(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    jobs = [create(services, caller) for _ in range(6)]
    clock.advance(timedelta(minutes=2))

    begin = services.core.execution.begin
    begun = together([*(partial(begin, job.id) for job in jobs), *[partial(move, services)] * 2])[
        : len(jobs)
    ]

    for job, order in zip(jobs, begun, strict=True):
        there = read(services, job)
        expected = ("studio", JobState.RUNNING) if order else ("runway", JobState.QUEUED)
        assert (there.engine, there.state) == expected


def test_no_more_jobs_move_than_there_are_places(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    jobs = [create(services, caller) for _ in range(4)]
    clock.advance(timedelta(minutes=2))

    assert move(services, places=2) == 2
    assert move(services, places=2) == 0
    assert [read(services, one).engine for one in jobs] == ["runway"] * 2 + ["studio"] * 2
    clock.advance(timedelta(seconds=5))
    render(services, jobs[0])
    assert move(services, places=2) == 1
    assert read(services, jobs[2]).engine == "runway"


def test_a_stopped_engine_sends_its_jobs_to_overflow_only_after_the_wait(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    job = create(services, caller)
    services.core.engines.set_admin_state("studio", AdminState.STOPPED)

    assert services.core.router.decide(job.id, 0) is DispatchDecision.WAIT
    assert create(services, caller).engine == "studio"
    clock.advance(timedelta(seconds=60))
    assert services.core.router.decide(job.id, 0) is DispatchDecision.SKIP
    assert read(services, job).engine == "runway"


def test_a_job_that_only_an_overflow_route_can_render_waits_there(
    services: Services, caller: Caller
) -> None:
    job = create(services, caller, size="1280x720", seconds="5")

    assert job.engine == "runway"
    table = "workflow_status" if services.db.is_sqlite else "dbos.workflow_status"
    with services.db.read() as conn:
        status = conn.scalar(sa.text(f"SELECT status FROM {table}"))
    assert status == "DELAYED"


@pytest.mark.parametrize("way", ["creates", "moves"])
def test_the_credits_of_a_day_hold_whoever_comes_at_once(
    services: Services, caller: Caller, clock: FakeClock, way: str
) -> None:
    others = [caller_of(services, account_with(services)) for _ in range(4)]
    callers = [*others, caller] * 4
    if way == "creates":
        jobs = together([partial(create, services, who, "both") for who in callers])
        model = "both"
    else:
        jobs = together([partial(create, services, who) for who in callers])
        model = "sora-2"
        clock.advance(timedelta(minutes=2))
        together([partial(move, services)] * THREADS)

    engines = [read(services, one).engine for one in jobs]
    assert (engines.count("runway"), len(engines)) == (FITTING, 20)
    assert used(services, model, clock) == FITTING * HOSTED_PRICE
    ends: list[Callable[[Job], Any]] = [
        partial(render, services),
        lambda job: services.core.job_admin.cancel(job.id),
        lambda job: services.core.execution.fail(job.id, JobError("e", "It failed.")),
    ]
    today = {one.state.name: one.credits_today for one in services.core.engines.engines()}
    assert (today["runway"], today["studio"]) == (FITTING * HOSTED_PRICE, 0)
    hosted = [one for one in jobs if read(services, one).engine == "runway"]
    together([partial(ends[n % 3], job) for n, job in enumerate(hosted)])
    assert used(services, model, clock) == 2 * HOSTED_PRICE  # of five, two were rendered
    assert_sums_are_exact(services.db)


def test_a_new_day_has_new_credits_and_old_ones_go_back_to_their_day(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    jobs = [create(services, caller, "only") for _ in range(FITTING)]
    with pytest.raises(HinodeError) as refused:
        create(services, caller, "only")
    assert refused.value.code is ErrorCode.OVERLOADED
    yesterday = clock.now()

    clock.advance(timedelta(days=1))
    create(services, caller, "only")
    services.core.jobs.cancel(caller, jobs[0].id)

    assert used(services, "only", clock) == HOSTED_PRICE
    with services.db.read() as conn:
        before = daily_credits.used(conn, RouteDay.at("runway", "only", yesterday))
    assert before == (FITTING - 1) * HOSTED_PRICE
    clock.advance(timedelta(days=40))
    services.core.job_cleanup.sweep()
    with services.db.read() as conn:
        assert conn.execute(route_days.select()).all() == []


def test_a_job_that_leaves_a_route_gives_its_credits_back(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    job = create(services, caller, "both")
    order = services.core.execution.begin(job.id)
    assert order is not None
    assert used(services, "both", clock) == HOSTED_PRICE

    assert services.core.router.submit_rejected(order.job, "away", None)

    there = read(services, job)
    assert (there.engine, there.route_price, there.counted_in) == ("studio", NATIVE_PRICE, None)
    assert used(services, "both", clock) == 0
    assert_sums_are_exact(services.db)


@pytest.mark.parametrize("of", ["account", "key"])
def test_jobs_that_are_local_only_stay_in_the_house(
    services: Services, clock: FakeClock, of: str
) -> None:
    name = account_with(services)
    if of == "account":
        services.core.accounts.change(None, name, AccountUpdate(local_only=True))
    caller = caller_of(services, name, local_only=of == "key")

    job = create(services, caller, "both")
    overflowing = create(services, caller)
    clock.advance(timedelta(minutes=2))

    assert (job.engine, job.price) == ("studio", NATIVE_PRICE)
    assert move(services) == 0
    assert read(services, overflowing).engine == "studio"
    for model in ("only", "hosted"):
        with pytest.raises(HinodeError, match="outside of the house") as refused:
            create(services, caller, model)
        assert (refused.value.code, refused.value.param) == (ErrorCode.UNSUPPORTED_VALUE, "model")
    services.core.jobs.cancel(caller, job.id)
    assert services.core.job_admin.retry(job.id).job.engine == "studio"
