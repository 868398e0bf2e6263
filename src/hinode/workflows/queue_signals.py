"""Wakes the queues' polling threads when work arrives, so that idle ones poll rarely.

DBOS polls every queue in a fixed interval. It has no way to wake a poll, so its threads' shared
stop event waits in our way: in the given interval while the process has work, in
the queue's factor times the interval while it has none, and until the next signal in any case.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

import sqlalchemy as sa
from dbos import DBOS

from hinode.db.database import after_commit

CHANNEL = "hinode_queues"
"""The channel of PostgreSQL's notifications; the payload is a queue's name."""

NOTIFY_SECONDS = 0.25

POLL_SECONDS = 0.1
"""Poll interval of a queue in a process that has work: how long a free slot stays empty."""

IDLE_FACTOR = 9
"""An idle queue of an engine is polled this much less often: jobs from a process that cannot signal
wait for up to 0.95 seconds (DBOS varies its intervals by 5 %)."""

OTHERS_IDLE_FACTOR = 27
"""The same for webhooks, cameos and batches, which can wait for up to three seconds: each poll
costs an idle process some milliseconds of a core."""

UNUSED_FACTOR = 5
"""DBOS's polls for what Hinode does not use (its internal queue, schedules, new queues) are made
this much less often."""

BUSY_SECONDS = 1.0
"""Time after a signal in which a process counts as busy: others do not hear of every create."""

_NOTIFY = sa.text("SELECT pg_notify(:channel, :queue)")
_THREAD_PREFIX = "queue-worker-"


class QueueSignals:
    """Signals between those that enqueue and the polling threads of one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._signaled: set[str] = set()
        self._noticed_at: dict[str, float] = {}
        self._last_signal = float("-inf")

    def announce(self, conn: sa.Connection, queue: str) -> None:
        """Wake the polling of a queue in every process, once the transaction has committed.

        On SQLite, other processes poll. One notification per :data:`NOTIFY_SECONDS` is enough for
        PostgreSQL's listeners, since a signal keeps them busy for longer.
        """
        if conn.dialect.name == "postgresql" and self._claim_notice(queue):
            conn.execute(_NOTIFY, {"channel": CHANNEL, "queue": queue})
        # Not before: a poll that comes too early finds nothing, and uses the signal up.
        after_commit(conn, partial(self.wake, queue))

    def _claim_notice(self, queue: str) -> bool:
        now = time.monotonic()
        with self._changed:
            if now - self._noticed_at.get(queue, float("-inf")) < NOTIFY_SECONDS:
                return False
            self._noticed_at[queue] = now
            return True

    def wake(self, queue: str) -> None:
        """Wake the polling of a queue in this process."""
        with self._changed:
            self._signaled.add(queue)
            self._last_signal = time.monotonic()
            self._changed.notify_all()

    def install(self, dbos: DBOS, queues: Mapping[str, int], busy: Callable[[], bool]) -> None:
        """Make the launched DBOS wait by these signals for queues, each with its idle factor."""
        for event in dbos.background_thread_stop_events:
            self._patch(event, queues, busy)

    def _patch(
        self, stop: threading.Event, queues: Mapping[str, int], busy: Callable[[], bool]
    ) -> None:
        wait, set_stop = stop.wait, stop.set

        def wait_for_work(timeout: float | None = None) -> bool:
            queue = threading.current_thread().name.removeprefix(_THREAD_PREFIX)
            if queue in queues and timeout is not None:
                idle = timeout * queues[queue]
                return self._wait(queue, timeout if self._is_busy(busy) else idle, stop)
            return wait(None if timeout is None else timeout * UNUSED_FACTOR)

        def set_and_wake() -> None:
            set_stop()
            with self._changed:
                self._changed.notify_all()

        stop.wait = wait_for_work  # type: ignore[method-assign]
        stop.set = set_and_wake  # type: ignore[method-assign]

    def _wait(self, queue: str, timeout: float, stop: threading.Event) -> bool:
        """Wait for the interval, a signal or the stop; return whether it is the stop."""
        with self._changed:
            self._changed.wait_for(lambda: stop.is_set() or queue in self._signaled, timeout)
            self._signaled.discard(queue)
        return stop.is_set()

    def _is_busy(self, busy: Callable[[], bool]) -> bool:
        return busy() or time.monotonic() - self._last_signal < BUSY_SECONDS


def polling_threads() -> list[threading.Thread]:
    """Return the threads that poll queues in this process."""
    return [one for one in threading.enumerate() if one.name.startswith(_THREAD_PREFIX)]
