"""A cached probe asks rarely, and nobody waits for what does not answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hinode.kit import cached_probe
from hinode.kit.cached_probe import CachedProbe

LATE = TimeoutError("late")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    monkeypatch.setattr(cached_probe, "WAIT_SECONDS", 0.05)
    opened = threading.Event()
    yield opened
    opened.set()


def test_what_does_not_answer_is_late_until_it_does(gate: threading.Event) -> None:
    ended = threading.Event()

    def check() -> None:
        gate.wait()
        ended.set()

    probe = CachedProbe(check, LATE, 60.0)
    assert [probe.error() for _ in range(3)] == [LATE] * 3
    gate.set()
    assert ended.wait(60)
    for _ in range(10_000):
        if probe.error() is None:
            return
    raise AssertionError("the result of a late check never counted")


def test_a_check_runs_once_in_its_interval() -> None:
    now, calls = [0.0], []
    refused = ValueError("refused")

    def check() -> None:
        calls.append(now[0])
        if len(calls) == 1:
            raise refused

    probe = CachedProbe(check, LATE, 10.0, lambda: now[0])
    found = []
    for now[0] in (0.0, 9.0, 10.0, 19.0):
        found.append(probe.error())
    assert (found, calls) == ([refused, refused, None, None], [0.0, 10.0])
