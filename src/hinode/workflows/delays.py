"""Delays that were set while the clock was ahead end in time once it is right again.

DBOS stores when a delay ends by the machine's clock, so each delayed workflow carries its delay:
one that would end later than that from now was set by a clock that has gone back since.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from dbos import DBOS

DELAY_ATTRIBUTE = "delay_seconds"
STEP_SECONDS = 2.0
"""A clock that goes back by this much between two looks was wrong before."""

log = structlog.get_logger("hinode.clock")


class DelayCorrection:
    """Shortens delays at the start and whenever the clock has gone back."""

    def __init__(
        self, wall: Callable[[], float] = time.time, uptime: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._uptime = uptime
        self._offset: float | None = None

    def run(self) -> int:
        """Look at the clock; return the number of delays that were shortened."""
        before, self._offset = self._offset, self._wall() - self._uptime()
        if before is not None and self._offset > before - STEP_SECONDS:
            return 0
        return self._shorten()

    def _shorten(self) -> int:
        delayed = DBOS.list_workflows(status="DELAYED", load_input=False, load_output=False)
        now, shortened = self._wall(), 0
        for one in delayed:
            seconds = (one.attributes or {}).get(DELAY_ATTRIBUTE)
            until = one.delay_until_epoch_ms
            if seconds is None or until is None or until / 1000 <= now + seconds + STEP_SECONDS:
                continue
            DBOS.set_workflow_delay(one.workflow_id, delay_seconds=seconds)
            shortened += 1
        if shortened:
            log.warning("delays set by a clock that was ahead are shortened", delays=shortened)
        return shortened
