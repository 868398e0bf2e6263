"""Enqueues jobs, deliveries, cameos and batches in the transaction that creates them."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from dbos import EnqueueOptions

from hinode.core.jobs.types import Job
from hinode.db.database import Database
from hinode.workflows import names
from hinode.workflows.delays import DELAY_ATTRIBUTE
from hinode.workflows.queue_signals import QueueSignals
from hinode.workflows.queues import open_client
from hinode.workflows.recorded_inserts import RecordedInserts


class DbosDispatcher:
    """The jobs' dispatcher on DBOS; it needs no running DBOS in its own process."""

    def __init__(self, db: Database, signals: QueueSignals) -> None:
        self._client = open_client(db)
        self._signals = signals
        self._inserts = RecordedInserts()

    def enqueue(self, conn: sa.Connection, job: Job, delay: float = 0.0) -> None:
        """Enqueue a job for its engine, to start after ``delay`` seconds."""
        queue = names.render_queue(job.engine)
        options: EnqueueOptions = {
            "workflow_name": names.RENDER,
            "queue_name": queue,
            "workflow_id": names.render_workflow_id(job.id.hex, job.dispatch_no),
            "app_version": names.VERSION,
            "priority": job.queue_rank,
        }
        if delay > 0:
            _delay(options, delay)
        self._inserts.enqueue(self._client, conn, options, job.id.hex, job.dispatch_no)
        if delay <= 0:
            self._signals.announce(conn, queue)


class DbosDeliveryQueue:
    """The queue of webhook deliveries on DBOS: one short workflow per attempt.

    A retry that waits is only a row, so thousands can wait and survive restarts.
    """

    def __init__(self, db: Database, signals: QueueSignals) -> None:
        self._client = open_client(db)
        self._signals = signals

    def enqueue(
        self, conn: sa.Connection, delivery_id: UUID, number: int, partition_key: str, delay: float
    ) -> None:
        """Enqueue an attempt, to start after ``delay`` seconds."""
        options: EnqueueOptions = {
            "workflow_name": names.DELIVER,
            "queue_name": names.DELIVERIES,
            "workflow_id": names.delivery_workflow_id(delivery_id.hex, number),
            "app_version": names.VERSION,
            "queue_partition_key": partition_key,
        }
        if delay > 0:
            _delay(options, delay)
        self._client.enqueue_in_transaction(conn, options, delivery_id.hex, number)
        if delay <= 0:
            self._signals.announce(conn, names.DELIVERIES)


class DbosCameoQueue:
    """The queue of cameos on DBOS."""

    def __init__(self, db: Database, signals: QueueSignals) -> None:
        self._client = open_client(db)
        self._signals = signals

    def enqueue(self, conn: sa.Connection, cameo_id: UUID) -> None:
        """Enqueue a cameo for processing."""
        self._client.enqueue_in_transaction(
            conn,
            {
                "workflow_name": names.CAMEO,
                "queue_name": names.CAMEOS,
                "workflow_id": names.cameo_workflow_id(cameo_id.hex),
                "app_version": names.VERSION,
            },
            cameo_id.hex,
        )
        self._signals.announce(conn, names.CAMEOS)


class DbosBatchQueue:
    """The queue of batches on DBOS."""

    def __init__(self, db: Database, signals: QueueSignals) -> None:
        self._client = open_client(db)
        self._signals = signals

    def enqueue(self, conn: sa.Connection, batch_id: UUID) -> None:
        """Enqueue a batch."""
        self._client.enqueue_in_transaction(
            conn,
            {
                "workflow_name": names.BATCH,
                "queue_name": names.BATCHES,
                "workflow_id": names.batch_workflow_id(batch_id.hex),
                "app_version": names.VERSION,
            },
            batch_id.hex,
        )
        self._signals.announce(conn, names.BATCHES)


def _delay(options: EnqueueOptions, seconds: float) -> None:
    options["delay_seconds"] = seconds
    options["attributes"] = {DELAY_ATTRIBUTE: seconds}
