"""What is enqueued through remembered inserts is what DBOS would have written by itself."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from hinode import Services
from hinode.workflows.compiled_inserts import CompiledInserts
from hinode.workflows.queues import open_client

OWN = {"workflow_uuid", "creator_xid", "created_at", "updated_at", "retention_timestamp"}
"""What differs between any two workflows."""


def enqueue(
    client: DBOSClient, conn: sa.Connection, name: str, *, priority: int = 7, lane: str = ""
) -> None:
    options: EnqueueOptions = {
        "workflow_name": "render",
        "queue_name": "render-preview",
        "workflow_id": name,
        "app_version": "1",
        "priority": priority,
    }
    if lane:
        options["queue_partition_key"] = lane
    client.enqueue_in_transaction(conn, options, "00ff", 3)


def rows(services: Services, name: str) -> list[dict[str, Any]]:
    found = []
    schema = "" if services.db.is_sqlite else "dbos."
    with services.db.read() as conn:
        for table in ("workflow_status", "workflow_input"):
            query = sa.text(f"SELECT * FROM {schema}{table} WHERE workflow_uuid = :name")
            found += [dict(row._mapping) for row in conn.execute(query, {"name": name})]
    assert len(found) == 2
    return [{key: value for key, value in row.items() if key not in OWN} for row in found]


@pytest.mark.parametrize("lane", ["", "a lane"])
def test_the_rows_are_the_same(services: Services, lane: str) -> None:
    client, compiled = open_client(services.db), CompiledInserts()
    with services.db.write() as conn:
        enqueue(client, conn, "plain", lane=lane)
        for name in ("first", "second"):
            enqueue(client, compiled.wrap(conn), name, lane=lane)

    assert rows(services, "first") == rows(services, "second") == rows(services, "plain")


def test_they_belong_to_the_callers_transaction(services: Services) -> None:
    client, compiled = open_client(services.db), CompiledInserts()

    def write_and_fail() -> None:
        with services.db.write() as conn:
            enqueue(client, compiled.wrap(conn), "lost")
            raise LookupError

    with pytest.raises(LookupError):
        write_and_fail()
    assert client.list_workflows(workflow_ids=["lost"]) == []


def test_a_workflow_that_is_there_already_stays_as_it_is(services: Services) -> None:
    client, compiled = open_client(services.db), CompiledInserts()
    for priority in (1, 2):
        with services.db.write() as conn:
            enqueue(client, compiled.wrap(conn), "once", priority=priority)

    (status, _) = rows(services, "once")
    assert status["priority"] == 1
