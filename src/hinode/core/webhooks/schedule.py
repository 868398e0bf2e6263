"""When a delivery that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass

_MINUTE, _HOUR = 60.0, 3600.0

STANDARD = (
    0.0, 5.0, 5 * _MINUTE, 30 * _MINUTE,
    2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""Seconds before each try, as the Standard Webhooks specification lists them: 76 hours in all."""

LONGEST = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds to wait before each try, each made longer or shorter by at most ``jitter``."""

    delays: tuple[float, ...] = STANDARD
    jitter: float = 0.1

    def wait_after(self, number: int, retry_after: float | None) -> float | None:
        """Return the seconds from try ``number`` (from 1) to the next; None after the last.

        A receiver may ask for a longer wait, up to a day; never for a shorter one.
        """
        if number >= len(self.delays):
            return None
        spread = random.uniform(1 - self.jitter, 1 + self.jitter)
        return max(self.delays[number] * spread, min(retry_after or 0.0, LONGEST))
