"""Nothing is removed or failed by its age while the machine's clock cannot be believed.

The time is stored each minute. A clock that is more than an hour away from the stored time plus the
uptime since is believed again when it is back, or when an hour of uptime has agreed with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from hinode.db.database import Database
from hinode.kit.clock import Clock
from hinode.workflows.tables import agreed_time

TOLERANCE = timedelta(hours=1)
"""Distance from the expected time at which a clock is no longer believed."""

CONFIRMED_AFTER = timedelta(hours=1)
"""Uptime that must agree with a new time before it is believed."""

STORE_EVERY = timedelta(minutes=1)
"""Interval in which the time is stored."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the schema's own row
log = structlog.get_logger("hinode.clock")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A time, and the uptime at which the clock showed it."""

    time: datetime
    uptime: float

    def agrees(self, other: _Mark) -> bool:
        expected = self.time + timedelta(seconds=other.uptime - self.uptime)
        return abs(other.time - expected) <= TOLERANCE


class ClockGuard:
    """Judges the clock of this process by the stored time and the uptime."""

    def __init__(
        self, db: Database, clock: Clock, uptime: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._clock = clock
        self._uptime = uptime
        self._lock = threading.Lock()
        self._believed: _Mark | None = None
        self._stored: _Mark | None = None
        self._doubted: _Mark | None = None

    def guarded(self, run: Callable[[], int]) -> Callable[[], int]:
        """Return the task that does nothing while the clock is not believed."""
        return lambda: run() if self.is_believed() else 0

    def is_believed(self) -> bool:
        """Look at the clock; return whether things may end by their age."""
        with self._lock:
            now = _Mark(self._clock.now(), self._uptime())
            if self._believed is None:
                self._believed = _Mark(self._load() or now.time, now.uptime)
            if self._believed.agrees(now) or self._has_confirmed(now):
                self._believe(now)
                return True
            self._doubt(now)
            return False

    def _has_confirmed(self, now: _Mark) -> bool:
        since = self._doubted
        if since is None or not since.agrees(now):
            return False
        return now.uptime - since.uptime >= CONFIRMED_AFTER.total_seconds()

    def _believe(self, now: _Mark) -> None:
        if self._doubted is not None:
            log.warning("the clock is believed again", time=now.time.isoformat())
        self._believed, self._doubted = now, None
        if (
            self._stored is None
            or not self._stored.agrees(now)
            or now.uptime - self._stored.uptime >= STORE_EVERY.total_seconds()
        ):
            self._store(now)

    def _doubt(self, now: _Mark) -> None:
        if self._doubted is None or not self._doubted.agrees(now):
            self._doubted = now
            log.error(
                "the clock has jumped: nothing is removed or failed by its age",
                time=now.time.isoformat(),
                remedy="set the machine's clock; a right one is believed after an hour",
            )

    def _load(self) -> datetime | None:
        with self._db.read() as conn:
            seen_at: datetime = conn.execute(agreed_time.select()).one().seen_at
        return None if seen_at == _NEVER else seen_at

    def _store(self, now: _Mark) -> None:
        with self._db.write() as conn:
            conn.execute(agreed_time.update().values(seen_at=now.time))
        self._stored = now
