"""Databases of versions that this one cannot read are refused, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from hinode.db.schema import (
    HEAD,
    SchemaMismatch,
    check_served,
    current_revision,
    schema_support,
    upgrade,
)


@pytest.fixture
def db(database_url: str) -> Database:
    db = Database(database_url)
    if db.is_sqlite:  # PostgreSQL comes migrated
        upgrade(db)
    return db


def move_to(db: Database, revision: str, oldest_served: str | None) -> None:
    """Let the database seem to be migrated by another version."""
    with db.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
        if oldest_served is None:
            conn.execute(sa.text("DROP TABLE schema_support"))
        else:
            conn.execute(schema_support.update().values(oldest_served=oldest_served))


@pytest.mark.parametrize(
    ("revision", "oldest_served", "reason"),
    [
        ("0016", None, "schema 0016, of a development version.*Start with a new folder"),
        ("0999", "0998", "schema 0999 of a newer release.*from the schema 0998 on.*Upgrade this"),
    ],
)
def test_a_schema_that_does_not_serve_this_version_is_refused_and_left_alone(
    db: Database, revision: str, oldest_served: str | None, reason: str
) -> None:
    move_to(db, revision, oldest_served)

    with pytest.raises(SchemaMismatch, match=reason):
        upgrade(db)

    assert current_revision(db) == revision
    db.dispose()


def test_a_schema_of_a_newer_release_that_serves_this_one_is_left_alone(db: Database) -> None:
    move_to(db, "0999", HEAD)

    upgrade(db)
    check_served(db)

    assert current_revision(db) == "0999"
    db.dispose()
