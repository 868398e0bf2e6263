"""Accounts take turns in an engine's queue, whatever one of them has queued before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.auth.types import Caller, Priority
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.router import DispatchDecision
from hinode.core.jobs.types import Job, JobState
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from tests.integration.test_worker import until
from tests.support.accounts import account_with, caller_of


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    engine = ScriptedEngine()
    settings = load_settings(data=tmp_path, database=database_url, engine=engine.name)
    opened = open_services(settings, engines=EngineRegistry([engine]))
    create_tables(opened.db)
    yield opened
    opened.close()


def make(services: Services, caller: Caller, priority: Priority = Priority.NORMAL) -> Job:
    return services.core.jobs.create_video(
        caller, VideoRequest("a fox", GenerationParams(seconds="4"), priority=priority)
    )


def order_of(services: Services, made: list[tuple[Caller, Job]]) -> list[int]:
    """Return the places in ``made`` in the order of the queue."""
    places = [place(services, caller, job) for caller, job in made]
    return sorted(range(len(made)), key=lambda n: places[n] or 0)


def place(services: Services, caller: Caller, job: Job) -> int | None:
    return services.core.jobs.job(caller, job.id).queue_position


def started_order(services: Services, made: list[tuple[Caller, Job]]) -> list[int]:
    """Return the places in ``made`` in the order in which they started."""
    now = [services.core.jobs.job(caller, job.id).job for caller, job in made]
    starts = [(job.started_at, n) for n, job in enumerate(now) if job.started_at is not None]
    return [n for _, n in sorted(starts)]


def test_a_newcomer_waits_for_one_job_and_not_for_fifty(services: Services) -> None:
    hoarder, newcomer = (caller_of(services, account_with(services)) for _ in range(2))
    many = [make(services, hoarder) for _ in range(50)]
    single = make(services, newcomer)

    assert place(services, hoarder, many[49]) == 50
    assert place(services, newcomer, single) == 1
    assert [place(services, hoarder, job) for job in many[:3]] == [0, 2, 3]
    worker = build_worker(services)
    worker.start()
    try:
        until(lambda: services.core.jobs.job(hoarder, many[2].id).job.state.ended)
    finally:
        worker.stop(timedelta(0))

    made = [(newcomer, single), *((hoarder, job) for job in many)]
    assert started_order(services, made)[:4] == [1, 0, 2, 3]


def test_accounts_take_turns_and_nobody_overtakes_the_head(services: Services) -> None:
    first, second, third = (caller_of(services, account_with(services)) for _ in range(3))
    a = [make(services, first) for _ in range(3)]
    b = [make(services, second) for _ in range(3)]
    services.core.execution.begin(a[0].id)
    services.core.execution.begin(b[0].id)
    late = make(services, third)

    order = [(first, a[1]), (second, b[1]), (third, late), (first, a[2]), (second, b[2])]
    assert [place(services, caller, job) for caller, job in order] == [0, 1, 2, 3, 4]
    # Who comes again and again does not keep the head from its turn.
    for _ in range(5):
        services.core.jobs.cancel(third, late.id)
        late = make(services, third)
        assert place(services, first, a[1]) == 0


def test_priorities_weight_the_turns_of_one_account_and_of_several(services: Services) -> None:
    account, other = account_with(services), account_with(services)
    own, others = (caller_of(services, one, max_priority=Priority.HIGH) for one in (account, other))
    normal = [make(services, own) for _ in range(9)]
    low = [make(services, others, Priority.LOW) for _ in range(2)]
    high = [make(services, own, Priority.HIGH) for _ in range(5)]

    made = [(own, job) for job in normal] + [(others, job) for job in low]
    made += [(own, job) for job in high]
    # The head, then four of high priority for each of normal priority; low ones every 8 turns.
    assert order_of(services, made) == [0, 11, 12, 13, 14, 1, 15, 2, 3, 4, 9, 5, 6, 7, 8, 10]


def test_a_job_of_low_priority_starts_although_others_never_stop_coming(
    services: Services,
) -> None:
    low = make(services, caller_of(services, account_with(services)), Priority.LOW)
    often = [caller_of(services, account_with(services)) for _ in range(2)]
    queued = [(caller, make(services, caller)) for caller in often]
    started = 0
    while queued[0][1].queue_rank <= low.queue_rank:
        caller, head = queued.pop(0)
        assert place(services, caller, head) == 0
        services.core.execution.begin(head.id)
        queued.append((caller, make(services, caller)))
        started += 1
        assert started <= 20
    # Whoever comes now comes after it.
    assert services.core.router.decide(low.id, 0) is DispatchDecision.START


def test_what_a_key_may_ask_for(services: Services) -> None:
    account = account_with(services)
    for most in Priority:
        caller = caller_of(services, account, max_priority=most)
        default = services.core.jobs.create_video(
            caller, VideoRequest("a fox", GenerationParams(seconds="4"))
        )
        assert default.priority is (Priority.LOW if most is Priority.LOW else Priority.NORMAL)
        assert make(services, caller, most).priority is most
        for above in list(Priority)[list(Priority).index(most) + 1 :]:
            with pytest.raises(HinodeError) as refused:
                make(services, caller, above)
            assert refused.value.code is ErrorCode.PRIORITY_NOT_ALLOWED
            assert refused.value.param == "priority"


def test_a_priority_is_kept_when_a_job_is_queued_again(services: Services) -> None:
    caller = caller_of(services, account_with(services))
    job = make(services, caller, Priority.LOW)
    order = services.core.execution.begin(job.id)
    assert order is not None
    services.core.router.submit_rejected(order.job, "busy", None)

    again = services.core.jobs.job(caller, job.id).job
    assert (again.state, again.priority) == (JobState.QUEUED, Priority.LOW)
