"""Waiting for an upstream's job: what is ignored, what is believed, and how often it is looked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.polling import (
    Crowd,
    NotSeen,
    Pace,
    Sight,
    Stage,
    fraction_of,
    stage_of,
    wait_for,
)

QUICK = Pace(fastest=0.001, slowest=0.002, patience=0.2, grave_looks=3)
Look = Sight | NotSeen | UpstreamError


def watched(looks: list[Look], pace: Pace = QUICK) -> tuple[Sight, list[float], int]:
    """Wait for a job that shows itself so, its last look again and again."""
    reports: list[float] = []
    count = 0

    async def look() -> Sight:
        nonlocal count
        found = looks[min(count, len(looks) - 1)]
        count += 1
        if isinstance(found, Exception):
            raise found
        return found

    async def run() -> Sight:
        async with asyncio.timeout(5):
            return await wait_for(look, reports.append, pace)

    return asyncio.run(run()), reports, count


def trouble(fault: Fault = Fault.SERVER, *, grave: bool = False) -> NotSeen:
    return NotSeen(UpstreamError(fault), grave=grave)


DONE = Sight(Stage.DONE)


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("queued", Stage.WAITING),
        ("SUBMITTED", Stage.WAITING),
        ("NOT_START", Stage.WAITING),
        ("in_progress", Stage.RUNNING),
        ("In Progress", Stage.RUNNING),
        ("processing", Stage.RUNNING),
        ("succeeded", Stage.DONE),
        ("SUCCESS", Stage.DONE),
        ("error", Stage.FAILED),
        ("expired", Stage.FAILED),
        ("cancelled", Stage.STOPPED),
        ("perhaps", None),
        (7, None),
    ],
)
def test_statuses_have_many_names(word: object, stage: Stage | None) -> None:
    assert stage_of(word) is stage


def test_progress_is_read_from_what_comes() -> None:
    given = (40, "40", "40%", 250, -3, None, "soon", float("nan"), 10**400)
    read = [fraction_of(one) for one in given]
    assert read == [0.4, 0.4, 0.4, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_what_goes_back_is_ignored() -> None:
    steps = [(Stage.RUNNING, 0.5), (Stage.WAITING, 0.0), (Stage.RUNNING, 0.3)]
    looks: list[Look] = [Sight(stage, progress) for stage, progress in steps]
    sight, reports, count = watched([*looks, DONE])
    assert sight is DONE
    assert reports == [0.5, 0.5, 0.5]
    assert count == 4


def test_trouble_on_the_way_passes() -> None:
    sight, _, count = watched([trouble(), trouble(), trouble(grave=True), trouble(), DONE])
    assert sight is DONE
    assert count == 5


def test_grave_trouble_is_believed_after_a_few_in_a_row() -> None:
    with pytest.raises(UpstreamError) as caught:
        watched([trouble(Fault.LOST, grave=True)])
    assert caught.value.fault is Fault.LOST
    passing: list[Look] = [trouble(grave=True), trouble(grave=True), Sight(Stage.RUNNING)]
    watched([*passing, *passing, DONE])


def test_patience_ends() -> None:
    with pytest.raises(UpstreamError) as caught:
        watched([trouble(Fault.UNSENT)])
    assert caught.value.fault is Fault.UNSENT


@pytest.mark.parametrize("stage", [Stage.FAILED, Stage.STOPPED])
def test_a_bad_end_is_raised(stage: Stage) -> None:
    with pytest.raises(UpstreamError) as caught:
        watched([Sight(stage)])
    assert caught.value.fault is Fault.RENDER


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        (0.02, lambda seconds: 0.02 <= seconds < 0.5),  # followed
        (500.0, lambda seconds: 0.05 <= seconds < 0.5),  # but not for long
    ],
)
def test_an_upstreams_own_wish_is_followed(asked: float, inside: Callable[[float], bool]) -> None:
    async def run() -> float:
        loop = asyncio.get_running_loop()
        looks = iter([Sight(Stage.RUNNING, look_after=asked), DONE])
        begun = loop.time()

        async def look() -> Sight:
            return next(looks)

        await wait_for(look, lambda _: None, Pace(fastest=0.001, slowest=0.002, longest_ask=0.05))
        return loop.time() - begun

    assert inside(asyncio.run(run()))


def test_the_nearer_the_end_the_oftener_it_is_looked() -> None:
    """A job that takes a second in all is not looked at a hundred times, and not found late."""

    async def run() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        begun, count = loop.time(), 0

        async def look() -> Sight:
            nonlocal count
            count += 1
            share = (loop.time() - begun) / 0.5
            return DONE if share >= 1 else Sight(Stage.RUNNING, share)

        await wait_for(look, lambda _: None, Pace(fastest=0.01, slowest=0.2))
        return count, loop.time() - begun - 0.5

    count, late = asyncio.run(run())
    assert 5 < count < 45
    assert late < 0.1


def test_jobs_of_one_upstream_share_a_rate_of_looks() -> None:
    pace = Pace(fastest=0.001, slowest=0.002, crowd=Crowd(looks_per_second=200))

    async def job() -> None:
        looks = iter([Sight(Stage.RUNNING, 0.5)] * 4 + [DONE])

        async def look() -> Sight:
            return next(looks)

        await wait_for(look, lambda _: None, pace)

    async def run() -> float:
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(5):
            await asyncio.gather(*(job() for _ in range(20)))
        return asyncio.get_running_loop().time() - started

    # Four pauses of twenty jobs each, at 200 a second.
    assert asyncio.run(run()) >= 0.4
    assert pace.crowd.share == 0
