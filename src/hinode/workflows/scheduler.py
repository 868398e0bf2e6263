"""The rounds of housekeeping, each at its own pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("hinode.scheduler")


@dataclass(slots=True)
class PeriodicTask:
    """Something to do every so many seconds; it returns how much there was to do."""

    name: str
    interval_s: float
    run: Callable[[], int]
    next_run_at: float = 0.0


class Scheduler:
    """Chores, done in turn by whoever calls :meth:`run_due` every ``tick_seconds`` seconds."""

    tick_seconds = 2.0

    def __init__(self, tasks: list[PeriodicTask]) -> None:
        self._tasks = tasks

    def run_due(self) -> None:
        """Do every task that is due. What one raises leaves the others for the next round."""
        for task in self._tasks:
            if time.monotonic() >= task.next_run_at:
                task.next_run_at = time.monotonic() + task.interval_s
                done = task.run()
                if done:
                    log.info("periodic task done", task=task.name, done=done)
