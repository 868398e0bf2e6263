"""Waiting for an upstream's job: what is ignored, what is believed, and how often it is looked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.polling import (
    PollError,
    PollPolicy,
    PollResult,
    PollThrottle,
    RemoteStatus,
    parse_progress,
    parse_status,
    wait_for,
)

QUICK = PollPolicy(
    min_interval=0.001, max_interval=0.002, unreachable_timeout=0.2, max_serious_errors=3
)
Poll = PollResult | PollError | UpstreamError


def run_polls(polls: list[Poll], policy: PollPolicy = QUICK) -> tuple[PollResult, list[float], int]:
    """Wait for a job that shows itself so, its last look again and again."""
    reports: list[float] = []
    count = 0

    async def poll() -> PollResult:
        nonlocal count
        found = polls[min(count, len(polls) - 1)]
        count += 1
        if isinstance(found, Exception):
            raise found
        return found

    async def run() -> PollResult:
        async with asyncio.timeout(5):
            return await wait_for(poll, reports.append, policy)

    return asyncio.run(run()), reports, count


def trouble(fault: FailureKind = FailureKind.SERVER_ERROR, *, serious: bool = False) -> PollError:
    return PollError(UpstreamError(fault), serious=serious)


DONE = PollResult(RemoteStatus.COMPLETED)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", RemoteStatus.QUEUED),
        ("SUBMITTED", RemoteStatus.QUEUED),
        ("NOT_START", RemoteStatus.QUEUED),
        ("in_progress", RemoteStatus.RUNNING),
        ("In Progress", RemoteStatus.RUNNING),
        ("processing", RemoteStatus.RUNNING),
        ("succeeded", RemoteStatus.COMPLETED),
        ("SUCCESS", RemoteStatus.COMPLETED),
        ("error", RemoteStatus.FAILED),
        ("expired", RemoteStatus.FAILED),
        ("cancelled", RemoteStatus.CANCELED),
        ("succeed", RemoteStatus.COMPLETED),
        ("THROTTLED", RemoteStatus.QUEUED),
        ("SUSPENDED", RemoteStatus.QUEUED),
        ("Queueing", RemoteStatus.QUEUED),
        ("Preparing", RemoteStatus.QUEUED),
        ("dreaming", RemoteStatus.RUNNING),
        ("UNKNOWN", RemoteStatus.LOST),
        ("perhaps", None),
        (7, None),
    ],
)
def test_statuses_have_many_names(word: object, status: RemoteStatus | None) -> None:
    assert parse_status(word) is status


def test_progress_is_read_from_what_comes() -> None:
    given = (40, "40", "40%", 250, -3, None, "soon", float("nan"), 10**400)
    read = [parse_progress(one) for one in given]
    assert read == [0.4, 0.4, 0.4, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_what_goes_back_is_ignored() -> None:
    steps = [(RemoteStatus.RUNNING, 0.5), (RemoteStatus.QUEUED, 0.0), (RemoteStatus.RUNNING, 0.3)]
    polls: list[Poll] = [PollResult(status, progress) for status, progress in steps]
    result, reports, count = run_polls([*polls, DONE])
    assert result is DONE
    assert reports == [0.5, 0.5, 0.5]
    assert count == 4


def test_trouble_on_the_way_passes() -> None:
    result, _, count = run_polls([trouble(), trouble(), trouble(serious=True), trouble(), DONE])
    assert result is DONE
    assert count == 5


def test_grave_trouble_is_believed_after_a_few_in_a_row() -> None:
    with pytest.raises(UpstreamError) as caught:
        run_polls([trouble(FailureKind.LOST, serious=True)])
    assert caught.value.failure_kind is FailureKind.LOST
    passing: list[Poll] = [
        trouble(serious=True),
        trouble(serious=True),
        PollResult(RemoteStatus.RUNNING),
    ]
    run_polls([*passing, *passing, DONE])


def test_patience_ends() -> None:
    with pytest.raises(UpstreamError) as caught:
        run_polls([trouble(FailureKind.UNREACHABLE)])
    assert caught.value.failure_kind is FailureKind.UNREACHABLE


@pytest.mark.parametrize("status", [RemoteStatus.FAILED, RemoteStatus.CANCELED])
def test_a_bad_end_is_raised(status: RemoteStatus) -> None:
    with pytest.raises(UpstreamError) as caught:
        run_polls([PollResult(status)])
    assert caught.value.failure_kind is FailureKind.RENDER_FAILED


@pytest.mark.parametrize(
    ("requested", "inside"),
    [
        (0.02, lambda seconds: 0.02 <= seconds < 0.5),  # followed
        (500.0, lambda seconds: 0.05 <= seconds < 0.5),  # but not for long
    ],
)
def test_an_upstreams_own_wish_is_followed(
    requested: float, inside: Callable[[float], bool]
) -> None:
    async def run() -> float:
        loop = asyncio.get_running_loop()
        polls = iter([PollResult(RemoteStatus.RUNNING, retry_after=requested), DONE])
        begun = loop.time()

        async def poll() -> PollResult:
            return next(polls)

        await wait_for(
            poll,
            lambda _: None,
            PollPolicy(min_interval=0.001, max_interval=0.002, max_retry_after=0.05),
        )
        return loop.time() - begun

    assert inside(asyncio.run(run()))


def test_the_nearer_the_end_the_oftener_it_is_looked() -> None:
    """A job that takes a second in all is not looked at a hundred times, and not found late."""

    async def run() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        begun, count = loop.time(), 0

        async def poll() -> PollResult:
            nonlocal count
            count += 1
            share = (loop.time() - begun) / 0.5
            return DONE if share >= 1 else PollResult(RemoteStatus.RUNNING, share)

        await wait_for(poll, lambda _: None, PollPolicy(min_interval=0.01, max_interval=0.2))
        return count, loop.time() - begun - 0.5

    count, late = asyncio.run(run())
    assert 5 < count < 45
    assert late < 0.1


def test_jobs_of_one_upstream_share_a_rate_of_looks() -> None:
    policy = PollPolicy(
        min_interval=0.001, max_interval=0.002, throttle=PollThrottle(polls_per_second=200)
    )

    async def job() -> None:
        polls = iter([PollResult(RemoteStatus.RUNNING, 0.5)] * 4 + [DONE])

        async def poll() -> PollResult:
            return next(polls)

        await wait_for(poll, lambda _: None, policy)

    async def run() -> float:
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(5):
            await asyncio.gather(*(job() for _ in range(20)))
        return asyncio.get_running_loop().time() - started

    # Four pauses of twenty jobs each, at 200 a second.
    assert asyncio.run(run()) >= 0.4
    assert policy.throttle.interval == 0
