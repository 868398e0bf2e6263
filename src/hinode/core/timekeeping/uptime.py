"""Count the time with at least one running worker, across restarts and processes.

Unlike a difference of wall clock times, it is not affected by a clock that jumps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hinode.core.timekeeping import repository

if TYPE_CHECKING:
    from hinode.db.database import Database


class UptimeCounter:
    """Counts the uptime of this process; concurrent processes count the same time once."""

    def __init__(self, db: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._monotonic = monotonic
        self._last: tuple[int, float] | None = None

    def count(self) -> int:
        """Count the time since the last call; the first call only reads the counted uptime.

        Return 0: a periodic task returns the number of items that it ended or removed.
        """
        now = self._monotonic()
        with self._db.write() as conn:
            counted, at = self._last or (repository.uptime(conn), now)
            passed = int((now - at) * 1000)
            self._last = repository.raise_uptime(conn, counted + passed), now
        return 0
