"""Enqueues workflows on SQLite by the inserts that DBOS made for an earlier one of the same kind.

DBOS builds and compiles its statements anew for each workflow there, which took half of the time of
creating a job. Here its inserts are recorded once per kind: the next workflows differ in their ids,
priorities and first arguments only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from hinode.db.compiled_statement import bind_converter, driver_cursor

MOST_KINDS = 256
"""Kinds that are remembered at once: few but for jobs that were queued again many times."""

_Kind = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Insert:
    """An insert of DBOS's: its values in the order of the driver, each with its column."""

    sql: str
    columns: tuple[str, ...]
    values: tuple[Any, ...]

    def run(self, conn: sa.Connection, changes: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it with other values of some columns; return the rows that it returns."""
        pairs = zip(self.columns, self.values, strict=True)
        values = [changes.get(name, value) for name, value in pairs]
        with driver_cursor(conn, self.sql) as cursor:
            cursor.execute(self.sql, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


@dataclass(frozen=True, slots=True)
class _Recording:
    """The inserts of one workflow, with its first argument in its inputs."""

    inserts: tuple[_Insert, ...]
    inputs: str
    argument: str

    def run(self, conn: sa.Connection, options: EnqueueOptions, argument: str) -> None:
        changes = {
            "workflow_uuid": options["workflow_id"],
            "priority": options.get("priority", 0),
            "creator_xid": str(uuid4()),
            "inputs": self.inputs.replace(self.argument, argument),
        }
        for one in self.inserts:
            one.run(conn, changes)


class RecordedInserts:
    """The recorded inserts of one database."""

    def __init__(self) -> None:
        self._recordings: dict[_Kind, _Recording] = {}

    def enqueue(
        self,
        client: DBOSClient,
        conn: sa.Connection,
        options: EnqueueOptions,
        argument: str,
        number: int,
    ) -> None:
        """Enqueue a workflow with these two arguments in the connection's transaction.

        A workflow that is there already stays as it is.
        """
        if conn.dialect.name != "sqlite" or "delay_seconds" in options:
            client.enqueue_in_transaction(conn, options, argument, number)
            return
        kind = _kind(options, number)
        known = self._recordings.get(kind)
        if known is not None:
            known.run(conn, options, argument)
            return
        recorder = _RecordingConnection(conn)
        client.enqueue_in_transaction(recorder, options, argument, number)  # type: ignore[arg-type]
        self._keep(kind, recorder.inserts, options, argument)

    def _keep(
        self, kind: _Kind, inserts: list[_Insert], options: EnqueueOptions, argument: str
    ) -> None:
        """Keep the inserts of a workflow, unless DBOS wrote something that is not expected."""
        written = {
            name: value
            for one in inserts
            for name, value in zip(one.columns, one.values, strict=True)
        }
        inputs = written.get("inputs")
        is_known = isinstance(inputs, str) and inputs.count(argument) == 1
        if is_known and written.get("workflow_uuid") == options["workflow_id"]:
            if len(self._recordings) >= MOST_KINDS:
                self._recordings.clear()
            self._recordings[kind] = _Recording(tuple(inserts), str(inputs), argument)


def _kind(options: EnqueueOptions, number: int) -> _Kind:
    shared = (item for item in options.items() if item[0] not in ("workflow_id", "priority"))
    return (number, *shared)


@dataclass(frozen=True, slots=True)
class _Row:
    _mapping: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of an insert with RETURNING."""

    rows: list[_Row]

    def fetchone(self) -> _Row | None:
        return self.rows[0] if self.rows else None


@dataclass(slots=True)
class _RecordingConnection:
    """The part of SQLAlchemy's connection that DBOS's enqueue uses; it keeps what it runs."""

    conn: sa.Connection
    inserts: list[_Insert] = field(default_factory=list)

    @property
    def dialect(self) -> sa.Dialect:
        return self.conn.dialect

    def get_execution_options(self) -> Mapping[str, Any]:
        return self.conn.get_execution_options()

    def execution_options(self, **options: Any) -> None:
        self.conn.execution_options(**options)

    def execute(self, statement: sa.Insert, values: Mapping[str, Any]) -> _Rows:
        insert = self._compiled(statement, values)
        self.inserts.append(insert)
        names = [str(column.key) for column in statement.exported_columns]
        rows = insert.run(self.conn, {})
        return _Rows([_Row(dict(zip(names, row, strict=True))) for row in rows])

    def _compiled(self, statement: sa.Insert, values: Mapping[str, Any]) -> _Insert:
        dialect = self.conn.dialect
        compiled = statement.compile(
            dialect=dialect,
            column_keys=list(values),
            schema_translate_map=self.get_execution_options()["schema_translate_map"],
            render_schema_translate=True,
        )
        columns = tuple(compiled.positiontup or ())
        into = {name: bind_converter(bind.type, dialect) for name, bind in compiled.binds.items()}
        bound = ((into[name], values[name]) for name in columns)
        return _Insert(
            str(compiled), columns, tuple(into(one) if into else one for into, one in bound)
        )
