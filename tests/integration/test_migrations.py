"""Databases of versions that this one cannot read are refused, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from hinode.db.schema import SchemaMismatch, current_revision, upgrade


@pytest.fixture
def db(database_url: str) -> Database:
    db = Database(database_url)
    if db.is_sqlite:  # PostgreSQL comes migrated
        upgrade(db)
    return db


@pytest.mark.parametrize("revision", ["0016", "0999"])
def test_a_schema_of_another_version_is_refused_and_left_alone(db: Database, revision: str) -> None:
    with db.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})

    with pytest.raises(SchemaMismatch, match=rf"schema {revision}.*Start with a new folder"):
        upgrade(db)

    assert current_revision(db) == revision
    db.dispose()
