"""All tables of a database: ours, and those of DBOS, whose checkpoints belong to our jobs."""

from __future__ import annotations

import warnings

import sqlalchemy as sa

from hinode.db.copy import TablePair
from hinode.db.database import Database
from hinode.db.metadata import metadata

_SCHEMA = "dbos"
"""The schema of DBOS's tables in PostgreSQL; in SQLite they are beside ours."""

_MIGRATIONS = frozenset({"alembic_version", "dbos_migrations"})


def all_tables(source: Database, target: Database) -> list[TablePair]:
    """Return every table of both databases, those that others refer to first."""
    ours = [TablePair(one, one) for one in metadata.sorted_tables]
    there, here = _of_dbos(source), _of_dbos(target)
    names = [name for name in there if name in here and name not in _MIGRATIONS]
    return [*ours, *(TablePair(there[name], here[name]) for name in names)]


def _of_dbos(db: Database) -> dict[str, sa.Table]:
    """Return DBOS's tables by name, those that others refer to first."""
    found = sa.MetaData()
    with warnings.catch_warnings():
        # Indexes on expressions are left out, which a copy of rows does not need.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        found.reflect(db.engine, schema=None if db.is_sqlite else _SCHEMA)
    return {one.name: one for one in found.sorted_tables if one.name not in metadata.tables}
