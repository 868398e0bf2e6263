"""Rate-limited logging of host failures.

A full disk fails every create and every job; a line for each would fill the disk further.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hinode.core.host_failures import HostFailure, host_failure

INTERVAL_SECONDS = 10.0
"""The shortest interval between two lines about the same failure."""

log = structlog.get_logger("hinode.host")


@dataclass(slots=True)
class HostFailureLog:
    """Counts what failed; logs at most one line per kind of failure and interval."""

    what: str
    """What fails, in the plural; the name of the count in the line."""
    monotonic: Callable[[], float] = time.monotonic
    _unwritten: Counter[HostFailure] = field(default_factory=Counter)
    _written_at: dict[HostFailure, float] = field(default_factory=dict)

    def record(self, failure: HostFailure, error: Exception) -> None:
        """Count a failure; log the count unless a line was written in this interval."""
        self._unwritten[failure] += 1
        now = self.monotonic()
        if now - self._written_at.get(failure, -INTERVAL_SECONDS) < INTERVAL_SECONDS:
            return
        self._written_at[failure] = now
        count = {self.what: self._unwritten.pop(failure)}
        log.error(f"the host fails {self.what}", part=failure, reason=_short(error), **count)

    def record_any(self, event: str, error: Exception) -> None:
        """Count a failure of the host; log any other error with its trace."""
        failure = host_failure(error)
        if failure is None:
            log.error(event, exc_info=error)
        else:
            self.record(failure, error)


def _short(error: Exception) -> str:
    line = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {line[:200]}"
