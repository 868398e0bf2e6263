"""Periodic tasks, each with its own interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("hinode.scheduler")

DRAIN_SECONDS = 10.0
"""Time in which a task is repeated: the others have their turn, too."""


@dataclass(slots=True)
class PeriodicTask:
    """A task to run every ``interval_s`` seconds; ``run`` returns how many things it did.

    With a ``batch``, the number of things that a run stops at, it is repeated until one does less:
    it keeps up with any load.
    """

    name: str
    interval_s: float
    run: Callable[[], int]
    next_run_at: float = 0.0
    batch: int | None = None

    def run_to_end(self) -> int:
        """Run once, or with a batch until all is done; return how many things were done."""
        ends = time.monotonic() + DRAIN_SECONDS
        total = done = self.run()
        while self.batch and done >= self.batch and time.monotonic() < ends:
            done = self.run()
            total += done
        return total


class Scheduler:
    """Runs tasks one after the other; call :meth:`run_due` every ``tick_seconds`` seconds."""

    tick_seconds = 2.0

    def __init__(self, tasks: list[PeriodicTask]) -> None:
        self._tasks = tasks

    def run_due(self) -> None:
        """Run every task that is due. When one raises, the others run in the next round."""
        for task in self._tasks:
            if time.monotonic() >= task.next_run_at:
                task.next_run_at = time.monotonic() + task.interval_s
                done = task.run_to_end()
                if done:
                    log.info("periodic task done", task=task.name, done=done)
