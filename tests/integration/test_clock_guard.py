"""A wrong clock removes nothing: jumps and starts, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hinode.config.settings import load_settings
from hinode.services import Services, open_services
from hinode.testing.clock import FakeClock
from hinode.workflows.clock_guard import CONFIRMED_AFTER, ClockGuard

JUMPS = [timedelta(days=40), timedelta(hours=2), timedelta(hours=-2), timedelta(days=-40)]
MINUTE = timedelta(minutes=1)


class Machine:
    """A machine whose clock and uptime run together until the clock is moved."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.seconds = 50.0

    def run(self, length: timedelta) -> None:
        self.clock.advance(length)
        self.seconds += length.total_seconds()

    def uptime(self) -> float:
        return self.seconds


@pytest.fixture
def machine(clock: FakeClock) -> Machine:
    return Machine(clock)


@pytest.fixture
def services(tmp_path: Path, database_url: str) -> Iterator[Services]:
    opened = open_services(load_settings(data=tmp_path, database=database_url))
    yield opened
    opened.close()


def start(services: Services, machine: Machine) -> ClockGuard:
    return ClockGuard(services.db, machine.clock, machine.uptime)


def believed_for(guard: ClockGuard, machine: Machine, length: timedelta) -> set[bool]:
    found = set()
    for _ in range(int(length / MINUTE)):
        machine.run(MINUTE)
        found.add(guard.is_believed())
    return found


def test_a_clock_that_runs_is_believed(services: Services, machine: Machine) -> None:
    guard = start(services, machine)

    assert guard.is_believed()
    assert believed_for(guard, machine, timedelta(hours=3)) == {True}


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_jump_is_not_believed_until_it_is_undone(
    services: Services, machine: Machine, jump: timedelta
) -> None:
    guard = start(services, machine)
    assert guard.is_believed()
    swept: list[int] = []

    def sweep() -> int:
        swept.append(1)
        return 1

    machine.clock.advance(jump)
    assert guard.guarded(sweep)() == 0
    assert not swept
    assert believed_for(guard, machine, timedelta(minutes=30)) == {False}

    machine.clock.advance(-jump)
    assert guard.guarded(sweep)() == 1


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_an_hour_of_uptime_confirms_a_new_time(
    services: Services, machine: Machine, jump: timedelta
) -> None:
    guard = start(services, machine)
    assert guard.is_believed()

    machine.clock.advance(jump)
    assert not guard.is_believed()
    assert believed_for(guard, machine, CONFIRMED_AFTER - MINUTE) == {False}
    assert believed_for(guard, machine, timedelta(hours=2)) == {True}
    assert start(services, machine).is_believed()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_start_with_a_wrong_clock_is_not_believed(
    services: Services, machine: Machine, jump: timedelta
) -> None:
    assert start(services, machine).is_believed()

    machine.clock.advance(jump)
    guard = start(services, machine)

    assert not guard.is_believed()
    assert believed_for(guard, machine, CONFIRMED_AFTER - MINUTE) == {False}


def test_each_further_jump_begins_the_hour_anew(services: Services, machine: Machine) -> None:
    guard = start(services, machine)
    assert guard.is_believed()

    for _ in range(3):
        machine.clock.advance(timedelta(days=1))
        assert believed_for(guard, machine, CONFIRMED_AFTER - MINUTE) == {False}


def test_the_time_is_stored_each_minute(services: Services, machine: Machine) -> None:
    guard = start(services, machine)
    assert guard.is_believed()
    assert believed_for(guard, machine, timedelta(hours=5)) == {True}

    assert start(services, machine).is_believed()
