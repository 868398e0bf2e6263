"""Buffers progress that engines report more often than it is written to the database."""

from __future__ import annotations

import math


class ProgressTracker:
    """Keeps the highest progress reported; cheap, and safe to call from any thread."""

    def __init__(self) -> None:
        self._percent = 0
        self._last_reported = 0

    def report(self, fraction: float) -> None:
        """Record progress from 0.0 to 1.0; ignore a decrease and what is not finite."""
        if math.isfinite(fraction):
            self._percent = max(self._percent, int(min(1.0, max(0.0, fraction)) * 100))

    def take_increase(self) -> int | None:
        """Return the percent if it has grown since the last call, else None."""
        if self._percent <= self._last_reported:
            return None
        self._last_reported = self._percent
        return self._last_reported
