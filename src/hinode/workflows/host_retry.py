"""Repeats work that a failure of the host stopped, in growing intervals."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ParamSpec, TypeVar

import structlog

from hinode.core.host_failure_log import HostFailureLog
from hinode.core.host_failures import HostFailure, host_failure

MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 4.0
"""Pauses before a repeat. The maximum bounds how long work waits after the host works again."""

_SLICE_SECONDS = 0.5

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("hinode.worker")


@dataclass(frozen=True, slots=True)
class HostRetry:
    """Repeats work until the host works again, ``limit`` has passed or ``shutting_down`` is set."""

    limit: timedelta = timedelta(hours=24)
    shutting_down: threading.Event = field(default_factory=threading.Event)
    failures: HostFailureLog = field(default_factory=lambda: HostFailureLog("calls"))

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in a thread; repeat it while the host fails.

        The function must be safe to repeat, also after a commit whose confirmation was lost.
        Raises what the function raises for other reasons, ``TimeoutError`` after the limit, and
        ``CancelledError`` at a shutdown.
        """
        with self.repeats() as repeats:
            while True:
                try:
                    return await asyncio.to_thread(function, *args, **kwargs)
                except Exception as error:
                    failure = host_failure(error)
                    if failure is None:
                        raise
                    await repeats.pause(failure, error)

    @contextmanager
    def repeats(self) -> Iterator[Repeats]:
        """Yield the pauses of one piece of work; log at the end how often it was repeated."""
        repeats = Repeats(self)
        try:
            yield repeats
        finally:
            repeats.log_count()

    async def pause(self, seconds: float) -> None:
        """Sleep; raise ``CancelledError`` when the worker shuts down meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.shutting_down.is_set():
                raise asyncio.CancelledError
            await asyncio.sleep(min(left, _SLICE_SECONDS))


class Repeats:
    """The repeats of one piece of work."""

    def __init__(self, retry: HostRetry) -> None:
        self._retry = retry
        self._begun = time.monotonic()
        self._count = 0

    async def pause(self, failure: HostFailure, error: Exception) -> None:
        """Sleep before the next repeat, each time for longer; ``TimeoutError`` after the limit."""
        if time.monotonic() - self._begun >= self._retry.limit.total_seconds():
            raise TimeoutError("the host failed for too long") from error
        self._retry.failures.record(failure, error)
        await self._retry.pause(
            min(MIN_PAUSE_SECONDS * 2 ** min(self._count, 10), MAX_PAUSE_SECONDS)
        )
        self._count += 1

    def log_count(self) -> None:
        """Log how often the work was repeated, if it was."""
        if self._count:
            seconds = round(time.monotonic() - self._begun, 1)
            log.info("repeated while the host failed", repeats=self._count, seconds=seconds)
