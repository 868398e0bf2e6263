"""Requests per minute: who has had their share, counted in this process or by a server for all."""

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
    """Whoever counts requests."""

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """Count a request; or return the seconds to wait, 1 to 60, and count nothing."""
        ...


class InMemoryRateLimiter:
    """Counts exactly, over a sliding minute, the requests that this process serves.

    Keys that were not used for the longest time are forgotten first; memory stays bounded.
    """

    MOST_KEYS = 10_000

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[UUID, deque[datetime]] = OrderedDict()

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """Count a request; or return the seconds to wait, 1 to 60, and count nothing."""
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
            # The limit may have been lowered: then more than the oldest must have gone.
            return whole_seconds(times[-per_minute] + MINUTE - now)


def whole_seconds(left: timedelta) -> int:
    """Return a wait in whole seconds, at least 1 and at most a minute."""
    return min(60, max(1, math.ceil(left.total_seconds())))
