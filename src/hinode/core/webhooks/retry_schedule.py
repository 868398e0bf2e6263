"""The retry schedule of webhook deliveries: backoff with jitter, and ``Retry-After``."""

from __future__ import annotations

import random
from dataclasses import dataclass

_MINUTE, _HOUR = 60.0, 3600.0

STANDARD = (
    0.0, 5.0, 5 * _MINUTE, 30 * _MINUTE,
    2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR,
)  # fmt: skip
"""Seconds before each attempt, 76 hours in total; from the Standard Webhooks specification."""

MAX_RETRY_AFTER = 24 * _HOUR
"""Maximum ``Retry-After`` of a receiver that is followed, in seconds."""


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Delays in seconds before each attempt; each is varied by up to the fraction ``jitter``.

    Without jitter the retries to a receiver after an outage would all arrive at once.
    """

    delays: tuple[float, ...] = STANDARD
    jitter: float = 0.1

    def retry_delay(self, attempt: int, retry_after: float | None) -> float | None:
        """Return the seconds from an attempt (from 1) to its retry; None after the last attempt.

        ``retry_after`` is the receiver's ``Retry-After`` in seconds; it can only extend the delay.
        """
        if attempt >= len(self.delays):
            return None
        spread = random.uniform(1 - self.jitter, 1 + self.jitter)
        return max(self.delays[attempt] * spread, min(retry_after or 0.0, MAX_RETRY_AFTER))
