"""Rate limits over a sliding minute: the interface, and a limiter in this process's memory."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from hinode.kit.clock import Clock

MINUTE = timedelta(seconds=60)


class RateLimiter(Protocol):
    """Rate limiter interface."""

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """Count a request and return None; at the limit count nothing and return the wait.

        The wait is 1 to 60 whole seconds.
        """
        ...


class InMemoryRateLimiter:
    """A sliding-window log of the requests that this process serves.

    Memory is bounded: above ``MOST_KEYS`` the least recently used key is dropped.
    """

    MOST_KEYS = 10_000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[UUID, deque[datetime]] = OrderedDict()

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """See :meth:`RateLimiter.admit`."""
        now = self._clock.now()
        with self._lock:
            times = self._times.setdefault(key_id, deque())
            self._times.move_to_end(key_id)
            if len(self._times) > self.MOST_KEYS:
                self._times.popitem(last=False)
            while times and now - times[0] >= MINUTE:
                times.popleft()
            if len(times) < per_minute:
                times.append(now)
                return None
            # Not times[0]: after the limit was lowered more than the oldest request must expire.
            return whole_seconds(times[-per_minute] + MINUTE - now)


def whole_seconds(left: timedelta) -> int:
    """Round a wait up to whole seconds, 1 to 60."""
    return min(60, max(1, math.ceil(left.total_seconds())))
