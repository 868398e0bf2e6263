"""The queues of the engines and the tables of DBOS, from any process."""

from __future__ import annotations

from collections.abc import Iterable

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from hinode.db.database import Database
from hinode.workflows import names
from hinode.workflows.queue_signals import POLL_SECONDS

MAX_CONCURRENT_DELIVERIES = 400
"""Concurrent deliveries of one process; each costs a task and a socket."""

MAX_DELIVERIES_PER_PARTITION = 16
"""Concurrent deliveries to one receiver, so that a slow one delays no other."""

MAX_CONCURRENT_CAMEOS = 2
"""Concurrent cameos of one process; each takes a child process and up to 20 s of a core."""


MAX_CONCURRENT_BATCHES = 64
"""Concurrent batches of one process; each costs a task that mostly waits."""

NO_CONCURRENCY = 0
"""What the database has for engines' queues: no process takes a job before it uses its own."""


def create_tables(db: Database) -> None:
    """Create or update the tables of DBOS."""
    DBOS.migrate(db.connection_url.render_as_string(hide_password=False))


def open_client(db: Database) -> DBOSClient:
    """Return a client that shares the database's own connections."""
    return DBOSClient(
        system_database_engine=db.engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=names.APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )


def register_queues(db: Database, engines: Iterable[str]) -> None:
    """Register all queues; see :mod:`hinode.workflows.engine_slots` for those of engines."""
    client = open_client(db)
    for engine in engines:
        client.register_queue(
            names.render_queue(engine),
            worker_concurrency=NO_CONCURRENCY,
            polling_interval_sec=POLL_SECONDS,
        )
    client.register_queue(
        names.DELIVERIES,
        worker_concurrency=MAX_CONCURRENT_DELIVERIES,
        partition_worker_concurrency=MAX_DELIVERIES_PER_PARTITION,
        polling_interval_sec=POLL_SECONDS,
    )
    client.register_queue(
        names.CAMEOS,
        worker_concurrency=MAX_CONCURRENT_CAMEOS,
        polling_interval_sec=POLL_SECONDS,
    )
    client.register_queue(
        names.BATCHES,
        worker_concurrency=MAX_CONCURRENT_BATCHES,
        polling_interval_sec=POLL_SECONDS,
    )
