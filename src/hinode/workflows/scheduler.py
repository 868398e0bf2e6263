"""Periodic tasks, each with its own interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("hinode.scheduler")


@dataclass(slots=True)
class PeriodicTask:
    """A task to run every ``interval_s`` seconds; ``run`` returns how many things it did."""

    name: str
    interval_s: float
    run: Callable[[], int]
    next_run_at: float = 0.0


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
                done = task.run()
                if done:
                    log.info("periodic task done", task=task.name, done=done)
