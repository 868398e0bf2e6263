"""Databases of PostgreSQL that are used again: emptied, they are as a new one is.

To copy a migrated database costs a server a tenth of a second, and its first connection another;
to empty one costs a few milliseconds. One whose tables a test has changed is not used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

_OURS = "nspname IN ('public', 'dbos')"
_TABLES = sa.text(
    "SELECT format('%I.%I', nspname, relname) FROM pg_class"
    f" JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND {_OURS} ORDER BY 1"
)
_SHAPE = sa.text(
    "SELECT md5(string_agg(concat_ws(' ', nspname, relname, relkind, attnum, attname, atttypid,"
    " attnotnull), E'\\n' ORDER BY nspname, relname, attnum)) FROM pg_attribute"
    " JOIN pg_class c ON c.oid = attrelid"
    f" JOIN pg_namespace n ON n.oid = relnamespace WHERE attnum > 0 AND {_OURS}"
)


@dataclass(frozen=True, slots=True)
class Emptied:
    """What a new database holds: the shape of its tables, and the few rows that it begins with."""

    shape: str
    tables: tuple[str, ...]
    rows: dict[str, str]

    def restore(self, conn: sa.Connection) -> bool:
        """Empty a database; return False, with nothing done, if its tables are others now."""
        if conn.scalar(_SHAPE) != self.shape:
            return False
        if filled := _with_rows(conn, self.tables):
            conn.execute(sa.text(f"TRUNCATE {', '.join(filled)} CASCADE"))
        for table, rows in self.rows.items():
            conn.execute(
                sa.text(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, :r)"
                ),
                {"r": rows},
            )
        return True


def emptied(conn: sa.Connection) -> Emptied:
    """Return what a new database holds, read from one."""
    tables = tuple(conn.scalars(_TABLES))
    rows = {table: _rows(conn, table) for table in _with_rows(conn, tables)}
    shape: str = conn.execute(_SHAPE).scalar_one()
    return Emptied(shape, tables, rows)


def _with_rows(conn: sa.Connection, tables: Sequence[str]) -> Sequence[str]:
    each = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    return conn.scalars(sa.text(" UNION ALL ".join(each))).all()


def _rows(conn: sa.Connection, table: str) -> str:
    rows: str = conn.execute(sa.text(f"SELECT json_agg(t)::text FROM {table} t")).scalar_one()
    return rows
