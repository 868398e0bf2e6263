"""Listens for PostgreSQL's notifications of enqueued work from other processes.

Nothing depends on it: an idle queue is polled about once a second in any case.
"""

from __future__ import annotations

import threading
from contextlib import closing

import psycopg
import structlog

from hinode.db.database import Database
from hinode.workflows.queue_signals import CHANNEL, QueueSignals

_WAIT_SECONDS = 1.0
_RECONNECT_SECONDS = 5.0

log = structlog.get_logger("hinode.worker")


class QueueListener:
    """A thread with a connection of its own, which wakes this process's queues."""

    def __init__(self, db: Database, signals: QueueSignals) -> None:
        self._db = db
        self._signals = signals
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hinode-listener", daemon=True)

    def start(self) -> None:
        """Listen in the background. On SQLite, which has no notifications, do nothing."""
        if not self._db.is_sqlite:
            self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread's end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with closing(self._connect()) as connection:
                    self._listen(connection)
            except Exception as error:
                log.warning("no notifications from PostgreSQL; reconnecting", error=str(error))
                self._stopping.wait(_RECONNECT_SECONDS)

    def _connect(self) -> psycopg.Connection:
        pooled = self._db.engine.raw_connection()
        connection: psycopg.Connection = pooled.driver_connection  # type: ignore[assignment]
        pooled.detach()
        connection.autocommit = True
        return connection

    def _listen(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._stopping.is_set():
            for notice in connection.notifies(timeout=_WAIT_SECONDS):
                self._signals.wake(notice.payload)
