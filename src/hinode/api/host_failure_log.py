"""Rate-limited logging of host failures.

A full disk fails every create; a line with a stack trace for each would fill the disk further.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hinode.core.host_failures import HostFailure

INTERVAL_SECONDS = 10.0
"""The shortest interval between two lines about the same failure."""

log = structlog.get_logger("hinode.host")


@dataclass(slots=True)
class HostFailureLog:
    """Counts failed requests; logs at most one line per kind of failure and interval."""

    monotonic: Callable[[], float] = time.monotonic
    _unwritten: Counter[HostFailure] = field(default_factory=Counter)
    _written_at: dict[HostFailure, float] = field(default_factory=dict)

    def record(self, failure: HostFailure, error: Exception) -> None:
        """Count a failed request; log the count unless a line was written in this interval."""
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
