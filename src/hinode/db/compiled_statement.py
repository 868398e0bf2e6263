"""Hot statements: compiled once, then run on the driver's own connection.

SQLAlchemy spends about 40 µs of bookkeeping on each execution, several times what SQLite needs to
find a row. A prepared statement caches its SQL and type conversions and skips the rest.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Convert = Callable[[Any], Any]


class CompiledStatement:
    """A statement with named parameters, compiled once per dialect.

    It must not have what SQLAlchemy expands at each execution, such as ``IN`` over a list, and an
    insert names every column. It runs in the connection's transaction if there is one, and raises
    ``sqlalchemy.exc.DBAPIError`` as any other statement does.
    """

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update) -> None:
        self._statement = statement
        self._plans: dict[str, _CompiledPlan] = {}

    def all(self, conn: sa.Connection, **values: Any) -> list[Any]:
        """Return the rows as named tuples."""
        plan = self._plan(conn.dialect)
        with driver_cursor(conn, plan.sql) as cursor:
            cursor.execute(plan.sql, plan.bind_parameters(values))
            return [plan.row(one) for one in cursor.fetchall()]

    def first(self, conn: sa.Connection, **values: Any) -> Any | None:
        """Return the first row, or None."""
        rows = self.all(conn, **values)
        return rows[0] if rows else None

    def run(self, conn: sa.Connection, **values: Any) -> int:
        """Change rows; return their number."""
        plan = self._plan(conn.dialect)
        with driver_cursor(conn, plan.sql) as cursor:
            cursor.execute(plan.sql, plan.bind_parameters(values))
            return int(cursor.rowcount)

    def _plan(self, dialect: sa.Dialect) -> _CompiledPlan:
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _plan(self._statement, dialect)
        return plan


def adding_to(table: sa.Table) -> sa.Insert:
    """Return the statement that adds to a row's columns outside the primary key, or inserts it."""
    # PostgreSQL's dialect writes the clause as both databases read it.
    row = postgresql.insert(table)
    sums = {one.name: one + row.excluded[one.name] for one in table.c if not one.primary_key}
    return row.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums)


@dataclass(frozen=True, slots=True)
class _CompiledPlan:
    """The SQL of one dialect, and the conversions of parameters and results."""

    sql: str
    constants: dict[str, Any]
    parameter_order: Sequence[str] | None
    bind_converters: dict[str, Convert]
    result_converters: list[tuple[int, Convert]]
    make_row: Callable[[list[Any]], Any]

    def bind_parameters(self, values: dict[str, Any]) -> Any:
        """Return the parameters as the driver takes them: by position or by name."""
        values.update(self.constants)
        for name, convert in self.bind_converters.items():
            values[name] = convert(values[name])
        return (
            values
            if self.parameter_order is None
            else [values[name] for name in self.parameter_order]
        )

    def row(self, values: Sequence[Any]) -> Any:
        """Return a row of the driver with Python's types."""
        row = list(values)
        for index, convert in self.result_converters:
            row[index] = convert(row[index])
        return self.make_row(row)


class driver_cursor:
    """A cursor of the driver for one statement, in the connection's transaction if any.

    Raises ``sqlalchemy.exc.DBAPIError`` as any other statement does. A class: the steps of a
    generator cost as much as a small statement.
    """

    __slots__ = ("_conn", "_cursor", "_sql")

    def __init__(self, conn: sa.Connection, sql: str) -> None:
        self._conn, self._sql = conn, sql

    def __enter__(self) -> Any:
        self._cursor = self._conn.connection.cursor()
        return self._cursor

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._cursor.close()
        if error is None:
            return
        dialect = self._conn.dialect
        errors = dialect.loaded_dbapi.Error
        if isinstance(error, errors):
            # As SQLAlchemy's error, without the parameters, which must not be logged.
            raise sa.exc.DBAPIError.instance(
                self._sql, None, error, errors, hide_parameters=True, dialect=dialect
            ) from error


def _plan(statement: sa.Select[Any] | sa.Insert | sa.Update, dialect: sa.Dialect) -> _CompiledPlan:
    compiled = statement.compile(dialect=dialect)
    columns = list(statement.selected_columns) if isinstance(statement, sa.Select) else []
    into = {name: bind_converter(one.type, dialect) for name, one in compiled.binds.items()}
    out = [(index, _result_converter(column.type, dialect)) for index, column in enumerate(columns)]
    row = namedtuple("Row", [column.key or "_" for column in columns], rename=True)  # type: ignore[misc]
    return _CompiledPlan(
        sql=str(compiled),
        constants={name: one.value for name, one in compiled.binds.items() if not one.required},
        parameter_order=compiled.positiontup if compiled.positional else None,
        bind_converters={name: convert for name, convert in into.items() if convert},
        result_converters=[(index, convert) for index, convert in out if convert],
        make_row=row._make,
    )


def bind_converter(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert | None:
    """Return the converter of a type for the driver; None when none is needed."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result_converter(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
