"""An idle queue is polled rarely, wakes at once by a signal, and stops at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from dbos import DBOS

from hinode.db.database import Database
from hinode.workflows.queue_signals import QueueSignals

LONG = 30.0
"""An interval that no test waits for."""


class Polling:
    """A thread that polls a queue by a stop event, as DBOS's do; it notes each poll."""

    def __init__(self, queue: str, *, busy: bool = False, interval: float = LONG) -> None:
        self.signals = QueueSignals()
        self.stop = threading.Event()
        self.polls: list[float] = []
        dbos = SimpleNamespace(background_thread_stop_events=[self.stop])
        self.signals.install(cast("DBOS", dbos), {"render-a": 9}, lambda: busy)
        self._interval = interval
        self.thread = threading.Thread(target=self._run, name=f"queue-worker-{queue}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stop.wait(timeout=self._interval):
            self.polls.append(time.monotonic())

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end
            time.sleep(0.002)


def ended(polling: Polling) -> None:
    polling.stop.set()
    polling.thread.join(timeout=10)
    assert not polling.thread.is_alive()


def test_a_signal_wakes_its_queue_and_no_other() -> None:
    polling = Polling("render-a")
    polling.signals.wake("render-b")
    polling.signals.wake("render-a")
    polling.until(lambda: len(polling.polls) == 1)
    ended(polling)
    assert len(polling.polls) == 1


def test_a_signal_between_two_waits_is_not_lost() -> None:
    polling = Polling("render-a")
    for number in range(1, 4):
        polling.signals.wake("render-a")
        polling.until(lambda: len(polling.polls) >= number)  # noqa: B023
    ended(polling)


def test_a_busy_process_polls_in_the_given_interval_and_an_idle_one_rarely() -> None:
    busy, idle = Polling("render-a", busy=True, interval=0.02), Polling("render-a", interval=0.02)
    busy.until(lambda: len(busy.polls) >= 30)
    ended(busy)
    ended(idle)
    assert len(idle.polls) < len(busy.polls) / 3


def test_other_queues_of_the_library_stop_as_well() -> None:
    ended(Polling("_dbos_internal_queue"))


def test_a_signal_waits_for_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(QueueSignals, "wake", lambda _self, queue: woken.append(queue))
    db, signals = Database(f"sqlite:///{tmp_path / 'a.db'}"), QueueSignals()
    with db.write() as conn:
        signals.announce(conn, "render-a")
        assert woken == []
    assert woken == ["render-a"]
    with suppress(KeyError), db.write() as conn:
        signals.announce(conn, "render-b")
        raise KeyError
    assert woken == ["render-a"]
    db.dispose()
