"""Repeats calls that a failure of the host stopped, in growing intervals."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import structlog

from hinode.core.host_failures import host_failure

MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 8.0
"""Pauses before a repeat. The maximum bounds how long work waits after the host works again."""

_SLICE_SECONDS = 0.5

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("hinode.worker")


@dataclass(frozen=True, slots=True)
class HostRetry:
    """Repeats calls until the host works again or ``shutting_down`` is set."""

    shutting_down: threading.Event = field(default_factory=threading.Event)

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function in a thread; repeat it while the host fails.

        The function must be safe to repeat, also after a commit whose confirmation was lost.
        Raises what the function raises for other reasons, and ``CancelledError`` at a shutdown.
        """
        for pause in pauses():
            try:
                return await asyncio.to_thread(function, *args, **kwargs)
            except Exception as error:
                failure = host_failure(error)
                if failure is None:
                    raise
            log.warning("the host fails: a call is repeated", part=failure, pause=pause)
            await self.pause(pause)
        raise AssertionError("pauses never end")

    async def pause(self, seconds: float) -> None:
        """Sleep; raise ``CancelledError`` when the worker shuts down meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self.shutting_down.is_set():
                raise asyncio.CancelledError
            await asyncio.sleep(min(left, _SLICE_SECONDS))


def pauses() -> Iterator[float]:
    """Yield the seconds before each repeat, without end."""
    pause = MIN_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def log_failure(event: str, error: Exception) -> None:
    """Log a failure of work that is repeated: one line if the host failed, else with its trace."""
    failure = host_failure(error)
    if failure is None:
        log.error(event, exc_info=error)
    else:
        log.warning(event, part=failure)
