"""A timer that does not blame the client for the time in which the server itself stood still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LATE_SECONDS = 1.0


class FairTimer:
    """Calls back after some seconds, or that much later again if the event loop was late.

    What arrived while the process was stopped is read only after the timers that are due.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._seconds = seconds
        self._callback = callback
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """True between a start and its callback or a stop."""
        return self._handle is not None

    def start(self) -> None:
        """Begin to wait, unless it runs."""
        if self._handle is None:
            self._due = self._loop.time() + self._seconds
            self._handle = self._loop.call_at(self._due, self._end)

    def stop(self) -> None:
        """Forget the callback."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _end(self) -> None:
        self._handle = None
        if self._loop.time() - self._due > LATE_SECONDS:
            self.start()
        else:
            self._callback()
