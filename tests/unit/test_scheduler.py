"""Periodic tasks: one that stops at a batch is repeated until all is done, but not for ever."""

from __future__ import annotations

import pytest

from hinode.workflows import scheduler
from hinode.workflows.scheduler import PeriodicTask, Scheduler


@pytest.mark.parametrize(
    ("batch", "found", "runs"),
    [
        (None, [9, 9, 0], 1),
        (5, [4], 1),
        (5, [0], 1),
        (5, [5, 5, 3], 3),
        (5, [7, 0], 2),
    ],
)
def test_a_task_is_repeated_after_a_full_batch(
    batch: int | None, found: list[int], runs: int
) -> None:
    left = iter(found)
    task = PeriodicTask("one", 30.0, lambda: next(left), batch=batch)

    assert task.run_to_end() == sum(found[:runs])
    assert list(left) == found[runs:]


def test_a_task_that_never_comes_to_an_end_lets_the_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "DRAIN_SECONDS", 0.0)
    ran: list[str] = []

    def run(name: str) -> int:
        ran.append(name)
        return 5

    endless = PeriodicTask("endless", 30.0, lambda: run("endless"), batch=5)
    Scheduler([endless, PeriodicTask("other", 30.0, lambda: run("other"))]).run_due()

    assert ran == ["endless", "other"]
