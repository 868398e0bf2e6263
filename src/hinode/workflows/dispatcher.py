"""Putting jobs into their queues, in the transaction that makes them."""

from __future__ import annotations

import sqlalchemy as sa

from hinode.db.database import Database
from hinode.studio.jobs.types import Job
from hinode.workflows import names
from hinode.workflows.queues import open_client


class DbosDispatcher:
    """The studio's dispatcher over DBOS; it needs no running DBOS in its own process."""

    def __init__(self, db: Database) -> None:
        self._client = open_client(db)

    def enqueue(self, conn: sa.Connection, job: Job) -> None:
        """Put a job into the queue of its engine, on the same connection."""
        self._client.enqueue_in_transaction(
            conn,
            {
                "workflow_name": names.RENDER,
                "queue_name": names.render_queue(job.engine),
                "workflow_id": names.render_workflow_id(job.id.hex),
                "app_version": names.VERSION,
            },
            job.id.hex,
        )
