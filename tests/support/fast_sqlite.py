"""Fast SQLite: new databases are copies of a migrated one, and nothing is forced to the disk.

What migrations do, and what a new folder gets, is tested elsewhere, with the real thing.
"""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hinode import components
from hinode.db.database import Database
from hinode.db.schema import upgrade
from hinode.workflows.queues import create_tables


def use_fast_sqlite() -> None:
    """Speed up all databases that this process opens from now on."""
    Database.sqlite_synchronous = "OFF"
    sa.event.listen(sa.Engine, "connect", _unforced)  # DBOS has an engine of its own
    vars(components).update(upgrade=_upgrade)


def _unforced(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def _upgrade(db: Database) -> None:
    path = Path(db.url.database or "")
    if db.is_sqlite and (not path.exists() or path.stat().st_size == 0):
        path.write_bytes(migrated_database())
    upgrade(db)


@functools.cache
def migrated_database() -> bytes:
    """Return the file of a database with the schema and nothing in it."""
    with tempfile.TemporaryDirectory(prefix="hinode-sqlite-") as folder:
        path = Path(folder) / "hinode.db"
        db = Database(f"sqlite:///{path}")
        upgrade(db)
        create_tables(db)
        db.dispose()
        return path.read_bytes()
