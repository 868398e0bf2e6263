"""The steps that run in this process, and its pending workflows that nothing runs.

DBOS ends a workflow's task when the database fails in a way that it does not know, and resumes
the work of dead processes only. So each process looks after its own pending workflows.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

STRANDED_AFTER_SECONDS = 5.0
"""Time without a running step after which a pending workflow counts as stranded.

Longer than the time between two steps, shorter than DBOS's own pauses of up to a minute.
"""

LINGER_SECONDS = 1.0
"""Time after a step in which its process counts as busy: the next job waits for the slot, which
DBOS frees a moment after the last step."""


class RunningSteps:
    """The ids of the workflows whose steps run in this process now."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._ended_at = float("-inf")
        self._lock = threading.Lock()

    @contextmanager
    def run(self, workflow_id: str) -> Iterator[None]:
        """Mark the workflow as running while the block runs.

        Raises ``CancelledError`` when another execution of it runs: DBOS then leaves the workflow
        pending, and it is resumed when the other has ended without a result.
        """
        with self._lock:
            if workflow_id in self._ids:
                raise asyncio.CancelledError
            self._ids.add(workflow_id)
        try:
            yield
        finally:
            with self._lock:
                self._ids.discard(workflow_id)
                self._ended_at = time.monotonic()

    def ids(self) -> frozenset[str]:
        """Return the ids as of now."""
        with self._lock:
            return frozenset(self._ids)

    def busy(self) -> bool:
        """Return whether a step runs or ended in the last :data:`LINGER_SECONDS`."""
        return bool(self._ids) or time.monotonic() - self._ended_at < LINGER_SECONDS


class StrandedWorkflows:
    """Finds pending workflows that no step ran for :data:`STRANDED_AFTER_SECONDS`."""

    def __init__(self) -> None:
        self._idle_since: dict[str, float] = {}

    def observe(self, pending: Iterable[str], running: frozenset[str], now: float) -> list[str]:
        """Return the stranded ones; ``now`` is of a clock that never jumps, in seconds."""
        idle = [one for one in pending if one not in running]
        self._idle_since = {one: self._idle_since.get(one, now) for one in idle}
        stranded = [one for one in idle if now - self._idle_since[one] >= STRANDED_AFTER_SECONDS]
        for one in stranded:
            del self._idle_since[one]
        return stranded
