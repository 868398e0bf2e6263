"""Migrate a database to the schema of this version, or accept one of a newer release.

A migration only adds, so that the release before works on beside its own; what that release still
used is removed a release later. The database says which is the oldest schema whose code it serves.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
import structlog

from hinode.db.database import Database
from hinode.db.metadata import metadata

REVISIONS = ("0100",)
"""All migrations, oldest first; a test holds them equal to the migrations folder's."""

HEAD = REVISIONS[-1]

MIGRATIONS = Path(__file__).parent / "migrations"

schema_support = sa.Table(
    "schema_support",
    metadata,
    sa.Column("oldest_served", sa.String(16), primary_key=True),
)
"""One row, which migrations write: the oldest revision whose code works on this schema."""

log = structlog.get_logger("hinode.start")
_LOCK = 0x48494E4F  # any number, the same in every Hinode


class SchemaMismatch(Exception):
    """The database has a schema that this version cannot read or migrate."""


def upgrade(db: Database) -> None:
    """Create or migrate the tables; a database that is up to date costs one query.

    Raises :class:`SchemaMismatch` for a schema of before 0.1.0, and for one of a newer release that
    does not serve this version any more.
    """
    found = current_revision(db)
    if found not in (None, *REVISIONS):
        check_served(db)
        log.info("the schema is of a newer release, and serves this one", schema=found, here=HEAD)
    elif found != HEAD:
        _migrate(db)


def check_served(db: Database) -> None:
    """Raise :class:`SchemaMismatch` when the database does not serve this version."""
    try:
        with db.read() as conn:
            oldest = conn.scalar(sa.select(schema_support.c.oldest_served))
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        if sa.inspect(db.engine).has_table(schema_support.name):
            raise
        oldest = None
    if oldest not in REVISIONS:
        found = current_revision(db)
        raise SchemaMismatch(_of_before(found) if oldest is None else _of_newer(found, oldest))


def _of_newer(found: str | None, oldest: str) -> str:
    return (
        f"This database has the schema {found} of a newer release, which serves releases from the "
        f"schema {oldest} on; this version has {HEAD}. Upgrade this host."
    )


def _of_before(found: str | None) -> str:
    return (
        f"This database has the schema {found}, of a development version before 0.1.0; this one "
        f"reads {HEAD}. Start with a new folder (--data) or database, or run the version that made "
        "this one."
    )


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
    config.set_main_option("script_location", str(MIGRATIONS))
    with db.write() as conn:
        if not db.is_sqlite:
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
