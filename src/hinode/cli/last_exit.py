"""The end of a process whose threads do not end by themselves."""

from __future__ import annotations

import os
import threading

import structlog

LEAST_SECONDS = 5.0
log = structlog.get_logger("hinode.server")


def end_at_the_latest(seconds: float) -> None:
    """End this process after so many seconds, and never sooner than a clean stop may take.

    A thread can wait for a database or a server that does not answer. Its work is resumed after
    the next start, as it is after a kill.
    """
    timer = threading.Timer(max(seconds, LEAST_SECONDS), _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    log.warning("work did not end in time; it is resumed after the next start")
    os._exit(0)
