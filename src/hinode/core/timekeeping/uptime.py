"""Counts for how long there has been a worker, however many there are and often they restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hinode.core.timekeeping import repository

if TYPE_CHECKING:
    from hinode.db.database import Database


class UptimeCounter:
    """Adds the uptime of this process; what several count at once is counted once."""

    def __init__(self, db: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._monotonic = monotonic
        self._last: tuple[int, float] | None = None

    def count(self) -> int:
        """Count the time since the last call; return 0, for nothing was ended or removed.

        The first call only looks what the others have counted.
        """
        now = self._monotonic()
        with self._db.write() as conn:
            counted, at = self._last or (repository.uptime(conn), now)
            passed = int((now - at) * 1000)
            self._last = repository.raise_uptime(conn, counted + passed), now
        return 0
