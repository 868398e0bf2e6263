"""Buffers progress that engines report more often than it is written to the database."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hinode.core.jobs.types import ProgressReport

_LEAST_CHANGE_SECONDS = 1.0
_LEAST_CHANGE_SHARE = 0.05


class ProgressTracker:
    """Keeps the highest progress reported; cheap, and safe to call from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._percent = 0
        self._last_percent = 0
        self._end: float | None = None
        self._last_end: float | None = None

    def report(self, fraction: float) -> None:
        """Record progress from 0.0 to 1.0; ignore a decrease and what is not finite."""
        if math.isfinite(fraction):
            self._percent = max(self._percent, int(min(1.0, max(0.0, fraction)) * 100))

    def report_remaining(self, seconds: float) -> None:
        """Record the seconds until the end; ignore what is not finite."""
        if math.isfinite(seconds):
            self._end = self._clock() + max(0.0, seconds)

    def take_news(self) -> ProgressReport | None:
        """Return the progress if it has grown, or its end moved, since the last call; else None."""
        end = self._end
        left = None if end is None else max(0.0, end - self._clock())
        if self._percent <= self._last_percent and not self._has_moved(end, left):
            return None
        self._last_percent, self._last_end = self._percent, end
        return ProgressReport(self._percent, left)

    def _has_moved(self, end: float | None, left: float | None) -> bool:
        if end is None or left is None or self._last_end is None:
            return end is not None
        least = max(_LEAST_CHANGE_SECONDS, left * _LEAST_CHANGE_SHARE)
        return abs(end - self._last_end) > least
