"""Migrate a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from hinode.db.database import Database

REVISIONS = ("0100",)
"""All migrations, oldest first; a test holds them equal to the migrations folder's."""

HEAD = REVISIONS[-1]

_LOCK = 0x48494E4F  # any number, the same in every Hinode


class SchemaMismatch(Exception):
    """The database has a schema that this version cannot read or migrate."""


def upgrade(db: Database) -> None:
    """Create or migrate the tables; a database that is up to date costs one query.

    Raises :class:`SchemaMismatch` for a schema of before 0.1.0 or of a newer version.
    """
    found = current_revision(db)
    if found not in (None, *REVISIONS):
        raise SchemaMismatch(
            f"This database has the schema {found}, of a development version before 0.1.0 or of a "
            f"newer release; this version reads {HEAD}. Start with a new folder (--data) or "
            "database, or run the version that made this one."
        )
    if found != HEAD:
        _migrate(db)


def current_revision(db: Database) -> str | None:
    """Return the migration that the database is at, or None when it is empty."""
    with db.engine.connect() as conn:
        if not sa.inspect(conn).has_table("alembic_version"):
            return None
        version: str | None = conn.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return version


def _migrate(db: Database) -> None:
    # Alembic is slow to import, and most starts do not need it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with db.write() as conn:
        if not db.is_sqlite:
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
