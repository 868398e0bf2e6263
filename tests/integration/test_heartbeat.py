"""Workers watch each other: who is dead, and that a wrong clock takes nobody's work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hinode.config.settings import load_settings
from hinode.kit.clock import Clock
from hinode.services import Services, open_services
from hinode.testing.clock import FakeClock
from hinode.workflows.heartbeat import DEAD_AFTER, HUNG_AFTER, Heartbeat, count_alive

TICK = 2.0
AHEAD = [timedelta(0), timedelta(seconds=60), timedelta(days=40), timedelta(days=-40)]


@dataclass(frozen=True)
class WrongClock:
    """A clock that is ahead of another."""

    right: Clock
    ahead: timedelta

    def now(self) -> datetime:
        return self.right.now() + self.ahead


class Uptime:
    """The uptime of the observer, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def services(tmp_path: Path, database_url: str, clock: FakeClock) -> Iterator[Services]:
    settings = load_settings(data=tmp_path / "data", database=database_url)
    opened = open_services(settings, clock=clock)
    yield opened
    opened.close()


def pair(
    services: Services, tmp_path: Path, uptime: Uptime, *, shared: bool, ahead: timedelta
) -> tuple[Heartbeat, Heartbeat]:
    """Return a started worker, and an observer on its machine or on another."""
    clock = services.clock
    wrong = WrongClock(clock, ahead)
    other = "locks" if shared else "elsewhere"
    worker = Heartbeat(services.db, tmp_path / "locks", "w-worker", clock)
    worker.start()
    return worker, Heartbeat(services.db, tmp_path / other, "w-observer", wrong, uptime)


def watch(observer: Heartbeat, uptime: Uptime, length: timedelta, *beating: Heartbeat) -> list[str]:
    """Look every two seconds and return who was dead at the end."""
    found = [one.id for one in observer.dead()]
    for _ in range(int(length.total_seconds() / TICK) + 1):
        for one in beating:
            one.beat()
        uptime.seconds += TICK
        found = [one.id for one in observer.dead()]
    return found


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_living_worker_keeps_its_work_whatever_the_clock(
    services: Services, tmp_path: Path, ahead: timedelta, *, shared: bool
) -> None:
    uptime = Uptime()
    worker, observer = pair(services, tmp_path, uptime, shared=shared, ahead=ahead)

    assert watch(observer, uptime, HUNG_AFTER * 2, worker) == []


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_silent_worker_elsewhere_is_dead_after_a_while(
    services: Services, tmp_path: Path, ahead: timedelta
) -> None:
    uptime = Uptime()
    _, observer = pair(services, tmp_path, uptime, shared=False, ahead=ahead)

    assert watch(observer, uptime, DEAD_AFTER / 2) == []
    assert watch(observer, uptime, DEAD_AFTER) == ["w-worker"]


def test_a_released_lock_tells_at_once(services: Services, tmp_path: Path) -> None:
    worker, observer = pair(services, tmp_path, Uptime(), shared=True, ahead=timedelta(0))
    worker.stop()

    (dead,) = observer.dead()
    with observer.claim_dead_worker(dead) as mine:
        assert mine

    assert observer.dead() == []
    assert not list((tmp_path / "locks").glob("w-worker*"))


def test_a_hung_process_that_holds_its_lock_is_taken_over_once(
    services: Services, tmp_path: Path
) -> None:
    uptime = Uptime()
    worker, observer = pair(services, tmp_path, uptime, shared=True, ahead=timedelta(0))
    assert watch(observer, uptime, HUNG_AFTER / 2) == []
    assert watch(observer, uptime, HUNG_AFTER) == ["w-worker"]

    (dead,) = observer.dead()
    with observer.claim_dead_worker(dead) as mine, observer.claim_dead_worker(dead) as again:
        assert (mine, again) == (True, False)
    assert observer.dead() == []

    # It wakes: it counts again, and its lock still tells of its death.
    worker.beat()
    assert watch(observer, uptime, HUNG_AFTER, worker) == []
    worker.stop()
    assert [one.id for one in observer.dead()] == ["w-worker"]


def test_an_observer_that_stood_still_blames_nobody(services: Services, tmp_path: Path) -> None:
    uptime = Uptime()
    _, observer = pair(services, tmp_path, uptime, shared=False, ahead=timedelta(0))
    observer.dead()

    uptime.seconds += 3600

    assert observer.dead() == []


def test_a_worker_counts_as_alive_by_the_clock_that_wrote_its_heartbeat(
    services: Services, clock: FakeClock, tmp_path: Path
) -> None:
    Heartbeat(services.db, tmp_path / "locks", "w-worker", clock).start()

    if not services.db.is_sqlite:
        clock.advance(timedelta(days=40))

    assert count_alive(services.db, clock) == 1
