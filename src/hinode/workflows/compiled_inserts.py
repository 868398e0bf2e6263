"""A SQLite connection that caches compiled inserts for DBOS.

DBOS compiles its inserts anew each time on SQLite, which took a third of the time of creating a
job. Here each is compiled once per table and set of columns. The wrapper implements only the part
of SQLAlchemy's connection that DBOS's enqueue uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hinode.db.compiled_statement import Convert, bind_converter, driver_cursor


@dataclass(frozen=True, slots=True)
class _Row:
    _mapping: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of an insert with RETURNING."""

    rows: list[_Row]

    def fetchone(self) -> _Row | None:
        return self.rows[0] if self.rows else None


@dataclass(frozen=True, slots=True)
class _CompiledInsert:
    sql: str
    order: list[tuple[str, Convert | None]]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        return [into(values[name]) if into else values[name] for name, into in self.order]


class CompiledInserts:
    """The compiled inserts of one database."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], _CompiledInsert] = {}

    def wrap(self, conn: sa.Connection) -> sa.Connection:
        """Return the connection, wrapped on SQLite; use it for DBOS's enqueue only."""
        if conn.dialect.name != "sqlite":
            return conn
        return _CompilingConnection(conn, self._plans)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class _CompilingConnection:
    conn: sa.Connection
    plans: dict[tuple[str, ...], _CompiledInsert]

    @property
    def dialect(self) -> sa.Dialect:
        return self.conn.dialect

    def get_execution_options(self) -> Mapping[str, Any]:
        return self.conn.get_execution_options()

    def execution_options(self, **options: Any) -> None:
        self.conn.execution_options(**options)

    def execute(self, insert: sa.Insert, values: Mapping[str, Any]) -> _Rows:
        key = (insert.table.name, *values)
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = self._compile(insert, values)
        with driver_cursor(self.conn, plan.sql) as cursor:
            cursor.execute(plan.sql, plan.arguments(values))
            names = [column[0] for column in cursor.description or ()]
            return _Rows([_Row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()])

    def _compile(self, insert: sa.Insert, values: Mapping[str, Any]) -> _CompiledInsert:
        dialect = self.conn.dialect
        compiled = insert.compile(
            dialect=dialect,
            column_keys=list(values),
            schema_translate_map=self.get_execution_options()["schema_translate_map"],
            render_schema_translate=True,
        )
        kinds = {name: bind.type for name, bind in compiled.binds.items()}
        return _CompiledInsert(
            str(compiled),
            [(name, bind_converter(kinds[name], dialect)) for name in compiled.positiontup or ()],
        )
