"""Read again, in a thread of its own, what a process keeps in memory for the event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

REFRESH_SECONDS = 15.0
"""Seconds between two reads."""

log = structlog.get_logger("hinode.refresh")


class BackgroundRefresh:
    """Calls functions every 15 seconds; one that raises keeps what it has read before."""

    def __init__(self, functions: Sequence[Callable[[], None]]) -> None:
        self._functions = functions
        self._closed = threading.Event()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="hinode-refresh", daemon=True).start()

    def close(self) -> None:
        """Stop after the call that is under way."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(REFRESH_SECONDS):
            for function in self._functions:
                self._call(function)

    def _call(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception as error:
            # The database is away, most likely, which others report.
            if not self._closed.is_set():
                log.debug("not refreshed", reason=type(error).__name__)
