"""Nothing is removed or failed by its age while the machine's clock cannot be believed.

The time is stored each minute. A clock that is more than an hour away from the stored time plus the
uptime since is believed again when it is back, when the operator confirms it, or when an hour of
uptime has agreed with it. After a start, PostgreSQL's own clock may agree with it at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from hinode.core.timekeeping.service import ClockService
from hinode.core.timekeeping.types import REMEDY, ClockStatus, Doubt, TimeMark

CONFIRMED_AFTER = timedelta(hours=1)
"""Uptime that must agree with a new time before it is believed."""

STORE_EVERY = timedelta(minutes=1)
"""Interval in which the time is stored."""

log = structlog.get_logger("hinode.clock")


@dataclass(frozen=True, slots=True)
class _Observation:
    """A time that is not believed, and the stored one that speaks against it."""

    mark: TimeMark
    stored: TimeMark | None

    def continues(self, now: TimeMark, stored: TimeMark | None) -> bool:
        """Return whether this is the same doubt: others who store another time renew it."""
        return self.mark.agrees(now) and self.stored == stored


class ClockGuard:
    """Judges the clock of this process by the stored time and the uptime."""

    def __init__(self, clocks: ClockService) -> None:
        self._clocks = clocks
        self._lock = threading.Lock()
        self._believed: TimeMark | None = None
        self._stored: TimeMark | None = None
        self._doubt: _Observation | None = None

    def guarded(self, run: Callable[[], int]) -> Callable[[], int]:
        """Return the task that does nothing while the clock is not believed."""
        return lambda: run() if self.is_believed() else 0

    def is_believed(self) -> bool:
        """Look at the clock; return whether things may end by their age."""
        with self._lock:
            now = self._clocks.mark()
            if self._believed is not None and self._believed.agrees(now):
                self._believe(now)
                return True
            stored = self._clocks.stored()
            reason = self._clocks.doubt(stored, now)
            if reason is None or self._has_lasted(now, stored):
                self._believe(now)
                return True
            self._continue_doubt(now, stored, reason)
            return False

    def _has_lasted(self, now: TimeMark, stored: TimeMark | None) -> bool:
        since = self._doubt
        if since is None or not since.continues(now, stored):
            return False
        passed = now.uptime.seconds - since.mark.uptime.seconds
        return passed >= CONFIRMED_AFTER.total_seconds()

    def _believe(self, now: TimeMark) -> None:
        if self._doubt is not None:
            log.warning("the clock is believed again", time=now.time.isoformat())
        self._believed, self._doubt = now, None
        if self._stored is None or not self._stored.agrees(now) or self._is_due(now, self._stored):
            self._clocks.store(now)
            self._stored = now

    @staticmethod
    def _is_due(now: TimeMark, stored: TimeMark) -> bool:
        return now.uptime.seconds - stored.uptime.seconds >= STORE_EVERY.total_seconds()

    def _continue_doubt(self, now: TimeMark, stored: TimeMark | None, reason: Doubt) -> None:
        if self._doubt is None or not self._doubt.continues(now, stored):
            self._doubt = _Observation(now, stored)
            seen = ClockStatus(reason, now.time, stored.time if stored else None)
            log.error(
                "the clock is not believed: nothing is removed or failed by its age",
                reason=seen.explanation,
                remedy=REMEDY,
            )
