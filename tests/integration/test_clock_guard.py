"""A wrong clock removes nothing: jumps and starts, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hinode.config.settings import load_settings
from hinode.core.timekeeping import repository
from hinode.core.timekeeping.service import ClockService
from hinode.core.timekeeping.types import Doubt, ServerTimes
from hinode.core.timekeeping.uptime import UptimeCounter
from hinode.kit.machine_uptime import MachineUptime, machine_uptime
from hinode.services import Services, open_services
from hinode.testing.clock import FakeClock
from hinode.workflows.clock_guard import CONFIRMED_AFTER, ClockGuard

JUMPS = [timedelta(days=40), timedelta(hours=2), timedelta(hours=-2), timedelta(days=-40)]
MINUTE = timedelta(minutes=1)


class Machine:
    """A machine whose clock and uptime run together until the clock is moved."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.boot = "first"
        self.seconds = 50.0

    def run(self, length: timedelta) -> None:
        self.clock.advance(length)
        self.seconds += length.total_seconds()

    def reboot(self, off: timedelta) -> None:
        """Be off for a while; the clock goes on."""
        self.boot, self.seconds = "second", 5.0
        self.clock.advance(off)

    def uptime(self) -> MachineUptime:
        return MachineUptime(self.boot, self.seconds)


@pytest.fixture
def machine(clock: FakeClock) -> Machine:
    return Machine(clock)


@pytest.fixture
def services(tmp_path: Path, database_url: str) -> Iterator[Services]:
    opened = open_services(load_settings(data=tmp_path, database=database_url))
    yield opened
    opened.close()


def clocks_of(services: Services, machine: Machine) -> ClockService:
    return ClockService(services.db, machine.clock, machine.uptime)


def start(services: Services, machine: Machine) -> ClockGuard:
    return ClockGuard(clocks_of(services, machine))


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


def test_a_server_that_was_stopped_on_a_running_machine_goes_on_at_once(
    services: Services, machine: Machine
) -> None:
    assert start(services, machine).is_believed()

    machine.run(timedelta(days=3))

    assert clocks_of(services, machine).status().doubt is None
    assert start(services, machine).is_believed()


def test_nobody_can_tell_how_long_the_machine_was_off(services: Services, machine: Machine) -> None:
    assert start(services, machine).is_believed()

    machine.reboot(off=timedelta(hours=5))

    status = clocks_of(services, machine).status()
    assert status.doubt is Doubt.OFF
    assert "before this machine started" in status.explanation
    assert not start(services, machine).is_believed()


def test_a_short_reboot_is_no_doubt(services: Services, machine: Machine) -> None:
    assert start(services, machine).is_believed()

    machine.reboot(off=timedelta(minutes=20))

    assert start(services, machine).is_believed()


@pytest.mark.parametrize(
    ("started", "shown", "jumped", "believed"),
    [
        (timedelta(days=-9), timedelta(), timedelta(), True),
        (timedelta(hours=1), timedelta(), timedelta(), False),
        (timedelta(days=-9), timedelta(days=-40), timedelta(), False),
        (timedelta(days=-9), timedelta(), timedelta(days=-40), False),
    ],
    ids=["agrees", "booted since as well", "disagrees", "the stored time is later"],
)
def test_a_server_of_the_database_vouches_for_the_time_after_a_reboot(
    services: Services,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    started: timedelta,
    shown: timedelta,
    jumped: timedelta,
    believed: bool,
) -> None:
    assert start(services, machine).is_believed()
    stored_at = machine.clock.now()
    machine.reboot(off=timedelta(hours=5) + jumped)
    server = ServerTimes(machine.clock.now() + shown, stored_at + started)
    monkeypatch.setattr(repository, "server_times", lambda _conn: server)

    assert start(services, machine).is_believed() is (believed and not services.db.is_sqlite)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_no_server_vouches_for_a_jump(
    services: Services, machine: Machine, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """Its clock may be the same one."""
    guard = start(services, machine)
    assert guard.is_believed()
    server = ServerTimes(machine.clock.now() + jump, machine.clock.now() - timedelta(days=99))
    monkeypatch.setattr(repository, "server_times", lambda _conn: server)

    machine.clock.advance(jump)

    assert clocks_of(services, machine).status().doubt is Doubt.JUMPED
    assert not guard.is_believed()
    assert not start(services, machine).is_believed()


def test_a_server_tells_its_time_and_its_start(services: Services) -> None:
    if services.db.is_sqlite:
        pytest.skip("SQLite is no server")
    with services.db.read() as conn:
        first, second = repository.server_times(conn), repository.server_times(conn)

    assert first.started_at == second.started_at < first.now <= second.now


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_operator_confirms_a_new_time(
    services: Services, machine: Machine, jump: timedelta
) -> None:
    guard = start(services, machine)
    assert guard.is_believed()
    machine.clock.advance(jump)
    assert not guard.is_believed()

    clocks_of(services, machine).confirm()

    assert guard.is_believed()
    assert start(services, machine).is_believed()
    assert clocks_of(services, machine).status().doubt is None


def test_a_confirmed_time_is_that_of_the_machine_that_confirms(
    services: Services, machine: Machine
) -> None:
    guard = start(services, machine)
    assert guard.is_believed()
    right = clocks_of(services, machine).mark()
    machine.clock.advance(timedelta(days=40))
    assert not guard.is_believed()

    clocks_of(services, machine).store(right)

    assert not guard.is_believed()


def test_an_hour_confirms_nothing_while_others_store_another_time(
    services: Services, machine: Machine
) -> None:
    guard = start(services, machine)
    assert guard.is_believed()
    machine.clock.advance(timedelta(days=40))

    for _ in range(90):
        machine.run(MINUTE)
        elsewhere = clocks_of(services, machine).mark()
        others = MachineUptime("elsewhere", elsewhere.uptime.seconds)
        right = elsewhere.time - timedelta(days=40)
        clocks_of(services, machine).store(replace(elsewhere, time=right, uptime=others))
        assert not guard.is_believed()


def test_uptime_is_counted_once_however_many_count(services: Services, machine: Machine) -> None:
    def counted() -> float:
        with services.db.read() as conn:
            return repository.uptime(conn) / 1000

    def elapsed() -> float:
        return machine.seconds

    first, second = (UptimeCounter(services.db, elapsed) for _ in range(2))
    assert (first.count(), second.count()) == (0, 0)
    for _ in range(10):
        machine.run(MINUTE)
        assert (first.count(), second.count()) == (0, 0)
    assert counted() == 600

    restarted = UptimeCounter(services.db, elapsed)
    restarted.count()
    machine.run(MINUTE)
    machine.clock.advance(timedelta(days=40))
    restarted.count()
    second.count()
    assert counted() == 660


def test_the_uptime_of_this_machine_rises_within_one_boot() -> None:
    first, second = machine_uptime(), machine_uptime()

    assert first.boot == second.boot != ""
    assert 0 < first.seconds <= second.seconds
