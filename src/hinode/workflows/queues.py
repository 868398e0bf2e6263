"""The queues of the engines and the tables of DBOS, from any process."""

from __future__ import annotations

from dataclasses import dataclass

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from hinode.db.database import Database
from hinode.workflows import names

POLL_SECONDS = 0.1
"""How often an idle queue is looked at: the longest that a job waits for a free worker."""


DELIVERY_POLL_SECONDS = 0.25

MAX_CONCURRENT_DELIVERIES = 400
"""Deliveries that one process has on the wire; a waiting one costs a task and a socket."""

MAX_DELIVERIES_PER_PARTITION = 16
"""Of those, how many go to one receiver: a slow one fills its own lane and no other."""

MAX_CONCURRENT_CAMEOS = 2
"""Clips that one process looks into; each takes a child process and up to 20 seconds of a core."""


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """An engine's queue and how many of its jobs one process renders at once."""

    engine: str
    concurrency: int


def create_tables(db: Database) -> None:
    """Create or update the tables of DBOS."""
    DBOS.migrate(db.url.render_as_string(hide_password=False))


def open_client(db: Database) -> DBOSClient:
    """Return a client that shares the database's own connections."""
    return DBOSClient(
        system_database_engine=db.engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=names.APPLICATION,
        lazy=True,
    )


def register_queues(db: Database, plans: list[QueueConfig]) -> None:
    """Write the queues down; the newest start's concurrency holds."""
    client = open_client(db)
    for plan in plans:
        client.register_queue(
            names.render_queue(plan.engine),
            worker_concurrency=plan.concurrency,
            polling_interval_sec=POLL_SECONDS,
        )
    client.register_queue(
        names.DELIVERIES,
        worker_concurrency=MAX_CONCURRENT_DELIVERIES,
        partition_worker_concurrency=MAX_DELIVERIES_PER_PARTITION,
        polling_interval_sec=DELIVERY_POLL_SECONDS,
    )
    client.register_queue(
        names.CAMEOS,
        worker_concurrency=MAX_CONCURRENT_CAMEOS,
        polling_interval_sec=DELIVERY_POLL_SECONDS,
    )
