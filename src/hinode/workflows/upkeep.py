"""The rounds of housekeeping, each at its own pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger("hinode.upkeep")


@dataclass(slots=True)
class Chore:
    """Something to do every so many seconds; it returns how much there was to do."""

    name: str
    every: float
    work: Callable[[], int]
    due: float = 0.0


class Upkeep:
    """Chores, done in turn by whoever calls :meth:`round` every ``interval`` seconds."""

    interval = 2.0

    def __init__(self, chores: list[Chore]) -> None:
        self._chores = chores

    def round(self) -> None:
        """Do every chore that is due. What one raises leaves the others for the next round."""
        for chore in self._chores:
            if time.monotonic() >= chore.due:
                chore.due = time.monotonic() + chore.every
                done = chore.work()
                if done:
                    log.info("housekeeping", chore=chore.name, done=done)
