"""What is enqueued through recorded inserts is what DBOS would have written by itself."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from hinode import Services
from hinode.workflows.queues import open_client
from hinode.workflows.recorded_inserts import RecordedInserts

OWN = {"workflow_uuid", "creator_xid", "created_at", "updated_at", "retention_timestamp"}
"""What differs between any two workflows."""


Inserts = RecordedInserts | None


def enqueue(
    client: DBOSClient,
    conn: sa.Connection,
    name: str,
    inserts: Inserts = None,
    *,
    priority: int = 7,
    lane: str = "",
    argument: str = "00ff",
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
    if inserts is None:
        client.enqueue_in_transaction(conn, options, argument, 3)
    else:
        inserts.enqueue(client, conn, options, argument, 3)


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
    client, inserts = open_client(services.db), RecordedInserts()
    with services.db.write() as conn:
        enqueue(client, conn, "plain", lane=lane)
        for name in ("first", "second"):
            enqueue(client, conn, name, inserts, lane=lane)

    assert rows(services, "first") == rows(services, "second") == rows(services, "plain")


def test_kinds_arguments_and_priorities_are_told_apart(services: Services) -> None:
    client, inserts = open_client(services.db), RecordedInserts()
    with services.db.write() as conn:
        enqueue(client, conn, "recorded", inserts)
        enqueue(client, conn, "other", inserts, priority=9, lane="b", argument="beef")
        enqueue(client, conn, "same", inserts, priority=9, argument="beef")
        enqueue(client, conn, "other plain", priority=9, lane="b", argument="beef")
        enqueue(client, conn, "same plain", priority=9, argument="beef")

    assert rows(services, "other") == rows(services, "other plain")
    assert rows(services, "same") == rows(services, "same plain")


def test_an_argument_that_cannot_be_told_from_the_rest_is_not_recorded(
    services: Services,
) -> None:
    client, inserts = open_client(services.db), RecordedInserts()
    with services.db.write() as conn:
        enqueue(client, conn, "first", inserts, argument="3")  # the second argument, as well
        enqueue(client, conn, "second", inserts, argument="4")
        enqueue(client, conn, "plain", argument="4")

    assert rows(services, "second") == rows(services, "plain")


def test_they_belong_to_the_callers_transaction(services: Services) -> None:
    client, inserts = open_client(services.db), RecordedInserts()

    def write_and_fail(name: str) -> None:
        with services.db.write() as conn:
            enqueue(client, conn, name, inserts)
            raise LookupError

    for name in ("lost", "lost again"):
        with pytest.raises(LookupError):
            write_and_fail(name)
    assert client.list_workflows(workflow_ids=["lost", "lost again"]) == []


def test_a_workflow_that_is_there_already_stays_as_it_is(services: Services) -> None:
    client, inserts = open_client(services.db), RecordedInserts()
    for priority in (1, 2, 3):
        with services.db.write() as conn:
            enqueue(client, conn, "once", inserts, priority=priority)

    (status, _) = rows(services, "once")
    assert status["priority"] == 1
