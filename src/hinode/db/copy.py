"""Copy the rows of one database into another one, in one transaction, and check them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hinode.db.database import Database

_BATCH = 1_000


class CopyError(Exception):
    """The copy was not made, and the target is as it was; the message says why."""


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table of the source and the one of the target that gets its rows."""

    source: sa.Table
    target: sa.Table


def copy_rows(
    source: Database,
    target: Database,
    pairs: Sequence[TablePair],
    report: Callable[[str, int], None],
) -> None:
    """Replace the rows of the target's tables by those of the source, and count them.

    ``pairs`` are in the order of their foreign keys. ``report`` gets each table with its rows.
    Nothing is written to the source meanwhile. Raises :class:`CopyError`.
    """
    with _unchanging(source) as reading, target.write() as writing:
        for pair in reversed(pairs):
            writing.execute(pair.target.delete())
        for pair in pairs:
            copied = sum(_insert(writing, pair.target, rows) for rows in _batches(reading, pair))
            _check(reading, writing, pair)
            _continue_numbers(writing, pair.target)
            report(pair.source.name, copied)


@contextmanager
def _unchanging(source: Database) -> Iterator[sa.Connection]:
    """Yield a connection whose statements all see the same rows."""
    if source.is_sqlite:
        with source.write() as conn:
            yield conn
        return
    with source.engine.connect() as conn:
        conn.execution_options(isolation_level="REPEATABLE READ")
        with conn.begin():
            yield conn


def _batches(conn: sa.Connection, pair: TablePair) -> Iterator[list[dict[str, Any]]]:
    columns = [one for one in pair.source.columns if one.name in pair.target.columns]
    found = conn.execution_options(yield_per=_BATCH).execute(sa.select(*columns))
    for rows in found.mappings().partitions():
        yield [dict(row) for row in rows]


def _insert(conn: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> int:
    parsed = [name for name, column in table.columns.items() if isinstance(column.type, sa.JSON)]
    conn.execute(table.insert(), [_with_json(row, parsed) for row in rows])
    return len(rows)


def _with_json(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a row whose JSON is parsed: SQLite's tables may have it as text."""
    texts = {name: row[name] for name in names if isinstance(row.get(name), str)}
    return {**row, **{name: json.loads(text) for name, text in texts.items()}}


def _check(reading: sa.Connection, writing: sa.Connection, pair: TablePair) -> None:
    """Raise :class:`CopyError` unless both tables have as many rows, and the same sums."""
    there, here = (
        conn.execute(sa.select(*_sums(table, pair))).one()
        for conn, table in ((reading, pair.source), (writing, pair.target))
    )
    if tuple(there) != tuple(here):
        raise CopyError(f"The copy of {pair.source.name} differs from it; nothing was changed.")


def _sums(table: sa.Table, pair: TablePair) -> list[sa.ColumnElement[Any]]:
    # Of our own tables: amounts and sizes. Those of DBOS have other types in each database.
    numbers = [
        sa.func.coalesce(sa.func.sum(sa.type_coerce(one, sa.BigInteger)), 0)
        for one in table.columns
        if isinstance(one.type, sa.BigInteger) and pair.source is pair.target
    ]
    return [sa.func.count(), *numbers]


def _continue_numbers(conn: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL's own counter of a table go on after the copied rows."""
    column = table.autoincrement_column
    if column is None or conn.dialect.name != "postgresql":
        return
    sequence = sa.func.pg_get_serial_sequence(table.fullname, column.name)
    last = sa.select(sa.func.max(column)).scalar_subquery()
    conn.execute(sa.select(sa.func.setval(sequence, last)).where(last.is_not(None)))
