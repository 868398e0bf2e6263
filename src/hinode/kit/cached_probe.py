"""A check of something that may not answer, whose result counts for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

WAIT_SECONDS = 4.0
"""The longest time that a caller waits for a check; it goes on by itself."""


@dataclass(slots=True)
class CachedProbe:
    """Runs a check in a thread of its own, at most once in an interval of seconds.

    What does not answer holds no thread of those who ask: they take ``late`` for the result.
    """

    check: Callable[[], object]
    late: Exception
    interval: float
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _run: _Run | None = None
    _ended_at: float | None = None
    _error: Exception | None = None

    def error(self) -> Exception | None:
        """Return what the last check raised; None if it passed."""
        with self._lock:
            if self._run is None and self._is_due():
                self._run = _Run()
                thread = threading.Thread(target=self._check, args=(self._run,), daemon=True)
                thread.start()
            run = self._run
        if run is not None and not run.ended.wait(run.wait_seconds()):
            return self.late
        return self._error

    def _is_due(self) -> bool:
        return self._ended_at is None or self.monotonic() - self._ended_at >= self.interval

    def _check(self, run: _Run) -> None:
        error = None
        try:
            self.check()
        except Exception as raised:
            error = raised
        with self._lock:
            self._run, self._error, self._ended_at = None, error, self.monotonic()
        run.ended.set()


@dataclass(slots=True)
class _Run:
    begun_at: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)

    def wait_seconds(self) -> float:
        """Return for how long a caller may still wait: callers of a slow check do not add up."""
        return max(0.0, self.begun_at + WAIT_SECONDS - time.monotonic())
