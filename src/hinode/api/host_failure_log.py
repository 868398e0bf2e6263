"""The log of requests that met a failure of the host: a line now and then, with their number.

A full disk fails every create. A line and a stack trace for each would fill what is left of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hinode.core.host_failures import HostFailure

INTERVAL_SECONDS = 10.0
"""The shortest time between two lines about one part of the host."""

log = structlog.get_logger("hinode.host")


@dataclass(slots=True)
class HostFailureLog:
    """Counts failures and writes at most one line per part of the host and interval."""

    monotonic: Callable[[], float] = time.monotonic
    _unwritten: Counter[HostFailure] = field(default_factory=Counter)
    _written_at: dict[HostFailure, float] = field(default_factory=dict)

    def record(self, failure: HostFailure, error: Exception) -> None:
        """Count a failed request, and write a line unless there was one just now."""
        self._unwritten[failure] += 1
        now = self.monotonic()
        if now - self._written_at.get(failure, -INTERVAL_SECONDS) < INTERVAL_SECONDS:
            return
        self._written_at[failure] = now
        requests = self._unwritten.pop(failure)
        log.error("the host fails requests", part=failure, requests=requests, reason=_short(error))


def _short(error: Exception) -> str:
    line = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {line[:200]}"
