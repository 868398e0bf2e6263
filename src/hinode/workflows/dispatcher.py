"""Putting jobs into their queues, in the transaction that makes them."""

from __future__ import annotations

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from hinode.db.database import Database
from hinode.studio.jobs.types import Job
from hinode.workflows import names


class DbosDispatcher:
    """The studio's dispatcher over DBOS; it needs no running DBOS in its own process."""

    def __init__(self, db: Database) -> None:
        self._client = DBOSClient(
            system_database_engine=db.engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=names.APPLICATION,
            lazy=True,
        )

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

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()


def create_tables(db: Database) -> None:
    """Create or update the tables of DBOS; processes that run workflows do it by themselves."""
    DBOS.migrate(db.url.render_as_string(hide_password=False))
