"""Nobody gets more out of a paid route than its day allows, or pictures that must stay inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hinode import ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.characters import repository as characters
from hinode.core.characters.types import Character, Visibility
from hinode.core.engines import repository as engine_rows
from hinode.core.engines.presence import EnginePresence
from hinode.core.jobs.account_admin import AccountUpdate
from hinode.core.jobs.requests import IdempotencyKey, JobSource, VideoRequest
from hinode.core.jobs.router import DispatchDecision
from hinode.core.jobs.types import CANCELED, Job, JobAction, JobError, JobState
from hinode.engines.base import EngineError
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.kit.ids import new_id
from hinode.testing.clock import FakeClock
from tests.support.accounts import account_with, caller_of
from tests.support.kept_sums import assert_sums_are_exact
from tests.support.overflow import (
    FITTING,
    HOSTED_PRICE,
    MODELS,
    STUDIO,
    create,
    move,
    open_place,
    read,
    render,
    together,
    used,
)

BROKEN = JobError("upstream_failed", "It could not be made.")


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    opened = open_place(database_url, tmp_path / "one", clock)
    yield opened
    opened.close()


@pytest.fixture
def caller(services: Services) -> Caller:
    return caller_of(services, account_with(services, 1_000_000))


def begun(services: Services, caller: Caller, model: str = "only") -> Job:
    job = create(services, caller, model)
    order = services.core.execution.begin(job.id)
    assert order is not None
    return order.job


def from_job(
    services: Services, caller: Caller, parent: Job, action: JobAction, model: str | None = None
) -> Job:
    source = JobSource(action, parent.id, owner=parent.account_id)
    request = VideoRequest("a wolf", GenerationParams(model=model), source=source)
    return services.core.jobs.create_video(caller, request)


def test_canceling_what_was_sent_does_not_make_room_for_more(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    for _ in range(FITTING):
        job = begun(services, caller)
        services.core.jobs.cancel(caller, job.id)
        assert read(services, job).error == CANCELED

    with pytest.raises(HinodeError, match="used up") as refused:
        create(services, caller, "only")
    assert refused.value.code is ErrorCode.OVERLOADED
    assert used(services, "only", clock) == FITTING * HOSTED_PRICE
    assert_sums_are_exact(services.db)


@pytest.mark.parametrize(
    ("may_cost", "counted"), [(True, HOSTED_PRICE), (False, 0)], ids=["perhaps", "surely-not"]
)
def test_a_failed_job_stays_counted_if_the_provider_may_charge_for_it(
    services: Services, caller: Caller, clock: FakeClock, may_cost: bool, counted: int
) -> None:
    job = begun(services, caller)
    clock.advance(timedelta(days=1))

    assert services.core.execution.fail_if_current(job, BROKEN, may_cost=may_cost)

    assert used(services, "only", clock) == 0
    clock.advance(timedelta(days=-1))
    assert used(services, "only", clock) == counted
    assert_sums_are_exact(services.db)


def test_a_job_that_waits_beyond_its_time_was_never_sent_and_is_not_counted(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    sent, waiting = begun(services, caller), create(services, caller, "only")
    before = clock.now()
    clock.advance(timedelta(hours=25))
    services.core.job_cleanup.sweep()

    assert [read(services, one).state for one in (sent, waiting)] == [JobState.FAILED] * 2
    clock.advance(before - clock.now())
    assert used(services, "only", clock) == HOSTED_PRICE
    assert_sums_are_exact(services.db)


@pytest.mark.parametrize(
    ("kind", "at_submit", "later"),
    [
        (FailureKind.UNREACHABLE, False, True),
        (FailureKind.UNCERTAIN, True, True),
        (FailureKind.INVALID_REQUEST, False, True),
        (FailureKind.MODERATION, False, True),
        (FailureKind.UNAUTHORIZED, False, True),
        (FailureKind.QUOTA, False, True),
        (FailureKind.BUSY, False, True),
        (FailureKind.SERVER_ERROR, True, True),
        (FailureKind.LOST, True, True),
        (FailureKind.RENDER_FAILED, False, False),
        (FailureKind.BAD_RESULT, True, True),
    ],
)
def test_what_may_cost_is_told_by_the_failure(
    kind: FailureKind, at_submit: bool, later: bool
) -> None:
    error = UpstreamError(kind)
    assert (error.may_cost(accepted=False), error.may_cost(accepted=True)) == (at_submit, later)
    assert not EngineError("scripted", "It failed.").may_cost(accepted=True)


def test_two_servers_at_midnight_take_each_day_to_its_edge_and_no_further(
    services: Services, caller: Caller, database_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    other = open_place(database_url, tmp_path / "one", clock)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    clock.advance(midnight - timedelta(seconds=1) - clock.now())
    callers = [caller, *(caller_of(services, account_with(services)) for _ in range(3))]

    def attempt(place: Services, who: Caller) -> Job | ErrorCode:
        try:
            return create(place, who, "only")
        except HinodeError as error:
            return error.code

    def rush() -> list[Job]:
        tries = [partial(attempt, place, who) for place in (services, other) for who in callers * 2]
        found = together(tries)
        assert {one for one in found if isinstance(one, ErrorCode)} == {ErrorCode.OVERLOADED}
        return [one for one in found if isinstance(one, Job)]

    before = rush()
    clock.advance(timedelta(seconds=1))
    after = rush()
    assert (len(before), len(after)) == (FITTING, FITTING)
    services.core.job_admin.cancel(before[0].id)
    assert rush() == []  # yesterday's credits are of no use today
    clock.advance(timedelta(seconds=-1))
    assert used(services, "only", clock) == (FITTING - 1) * HOSTED_PRICE
    other.close()
    assert_sums_are_exact(services.db)


def test_a_job_is_canceled_while_it_begins_and_moves_and_is_counted_for_what_happened(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    jobs = [create(services, caller) for _ in range(6)]
    clock.advance(timedelta(minutes=2))
    cancels = [partial(services.core.job_admin.cancel, job.id) for job in jobs]
    begins = [partial(services.core.execution.begin, job.id, dispatch_no=1) for job in jobs]

    together([partial(move, services), *cancels[:3], *begins, partial(move, services)])
    together(cancels[3:])

    ended = [read(services, job) for job in jobs]
    assert {one.state for one in ended} == {JobState.CANCELED}
    sent = [one for one in ended if one.started_at and one.engine == "runway"]
    assert used(services, "sora-2", clock) == len(sent) * HOSTED_PRICE
    assert_sums_are_exact(services.db)


def test_a_repeated_request_counts_once_also_beyond_the_edge(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    request = VideoRequest(
        "a fox", GenerationParams(model="only"), idempotency=IdempotencyKey("again", "f")
    )
    tries = [partial(services.core.jobs.create_video, caller, request)] * 6
    assert len({one.id for one in together(tries)}) == 1
    for _ in range(FITTING - 1):
        create(services, caller, "only")

    first = services.core.jobs.create_video(caller, request)
    assert used(services, "only", clock) == FITTING * HOSTED_PRICE
    services.core.job_admin.cancel(first.id)
    services.core.job_admin.retry(first.id)
    with pytest.raises(HinodeError, match="used up"):
        services.core.job_admin.retry(first.id)


def reopened(services: Services, data: Path, clock: FakeClock, **models: Any) -> Services:
    settings = load_settings(
        data=data, database=str(services.settings.database), models={**MODELS, **models}
    )
    return open_services(settings, engines=services.engines, clock=clock)


def test_a_job_leaves_a_route_that_was_withdrawn_while_it_waited(
    services: Services, caller: Caller, tmp_path: Path, clock: FakeClock
) -> None:
    movable, alone = create(services, caller, "both"), create(services, caller, "only")
    assert [movable.engine, alone.engine] == ["runway"] * 2
    later = reopened(services, tmp_path / "one", clock, both={"engines": [STUDIO], "price": 25})
    router = later.core.router

    assert router.decide(movable.id, 0) is DispatchDecision.SKIP
    assert router.decide(alone.id, 0) is DispatchDecision.START
    assert read(later, movable).engine == "studio"
    assert used(later, "both", clock) == 0
    assert router.decide(movable.id, 1) is DispatchDecision.START
    later.close()
    assert_sums_are_exact(services.db)


def test_a_price_that_is_raised_while_a_job_waits_is_that_of_new_jobs(
    services: Services, caller: Caller, tmp_path: Path, clock: FakeClock
) -> None:
    job = create(services, caller)
    dear = [STUDIO, {**MODELS["sora-2"]["engines"][1], "price": 100}]
    later = reopened(services, tmp_path / "one", clock, **{"sora-2": {"engines": dear}})
    clock.advance(timedelta(minutes=2))

    assert move(later) == 1
    ended = render(later, job)
    assert (ended.engine, ended.price, ended.charged) == ("runway", HOSTED_PRICE, HOSTED_PRICE)
    assert used(later, "sora-2", clock) == HOSTED_PRICE
    assert create(later, caller).price == 500
    later.close()
    assert_sums_are_exact(services.db)


def test_jobs_of_an_engine_without_a_worker_go_to_their_other_routes(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    movable, alone = create(services, caller, "both"), create(services, caller, "only")
    local = create(services, caller_of(services, account_with(services), local_only=True), "both")
    lifecycle = replace(services.core.router.lifecycle, presence=_without_runway(services, clock))
    router = replace(services.core.router, lifecycle=lifecycle)

    assert services.core.router.move_stranded() == 0
    assert router.move_stranded() == 1
    assert [read(services, one).engine for one in (movable, alone, local)] == [
        "studio",
        "runway",
        "studio",
    ]
    assert router.move_stranded() == 0
    assert_sums_are_exact(services.db)


def _without_runway(services: Services, clock: FakeClock) -> EnginePresence:
    """Return the presence of a process that has run for long, when only the studio has a worker."""
    times = iter([0.0, *[3600.0] * 100])
    presence = EnginePresence(monotonic=lambda: next(times))
    with services.db.write() as conn:
        engine_rows.record_offers(conn, {"studio": "{}"}, clock.now())
    return presence


def test_what_a_local_only_key_made_stays_inside_whoever_goes_on_with_it(
    services: Services, clock: FakeClock
) -> None:
    account = account_with(services)
    inside, free = (caller_of(services, account, local_only=one) for one in (True, False))
    parent = render(services, create(services, inside, "both"))

    child = render(services, from_job(services, free, parent, JobAction.REMIX, "both"))
    assert (parent.engine, child.engine) == ("studio", "studio")
    grandchild = from_job(services, free, child, JobAction.EDIT, "both")
    assert grandchild.engine == "studio"
    with pytest.raises(HinodeError, match="starts from is local only") as refused:
        from_job(services, free, child, JobAction.REMIX, "only")
    assert (refused.value.code, refused.value.param) == (ErrorCode.UNSUPPORTED_VALUE, "model")
    again = render(services, services.core.job_admin.retry(parent.id).job)
    twice = services.core.job_admin.retry(again.id).job
    assert (again.engine, twice.engine) == ("studio", "studio")
    clock.advance(timedelta(minutes=2))
    assert move(services) == 0


def test_pictures_of_a_local_only_account_stay_inside_when_others_remix_them(
    services: Services,
) -> None:
    name = account_with(services)
    owner, other = caller_of(services, name), caller_of(services, account_with(services))
    parent = render(services, create(services, owner, "both"))
    assert parent.engine == "runway"

    services.core.accounts.change(None, name, AccountUpdate(local_only=True))
    assert from_job(services, other, parent, JobAction.REMIX, "both").engine == "studio"


def test_a_public_character_of_a_local_only_account_does_not_leave_with_others(
    services: Services, clock: FakeClock
) -> None:
    name = account_with(services)
    owner, other = caller_of(services, name), caller_of(services, account_with(services))
    robin = Character(new_id(), owner.account_id, "Robin", "c.webp", clock.now(), Visibility.PUBLIC)
    with services.db.write() as conn:
        characters.insert(conn, robin)

    def ask() -> Job:
        request = VideoRequest("a walk", GenerationParams(model="both"), characters=(robin.id,))
        return services.core.jobs.create_video(other, request)

    assert ask().engine == "runway"
    services.core.accounts.change(None, name, AccountUpdate(local_only=True))
    assert ask().engine == "studio"
