"""The databases that tests use again are as new ones."""

from __future__ import annotations

import sqlalchemy as sa

from tests.support.databases import Postgres
from tests.support.emptied_databases import Emptied, emptied


def held(url: str, *statements: str) -> Emptied:
    """Return what a database holds after these statements."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as conn:
        for statement in statements:
            conn.execute(sa.text(statement))
        return emptied(conn)


def test_what_a_test_wrote_is_gone(postgres: Postgres) -> None:
    with postgres.fresh() as first:
        new = held(first)
        assert (
            held(first, "DELETE FROM write_probe", "INSERT INTO alembic_version VALUES ('x')")
            != new
        )
    with postgres.fresh() as again:
        assert again != first
        assert held(again) == new


def test_a_database_of_other_tables_is_not_used_again(postgres: Postgres) -> None:
    with postgres.fresh() as first:
        new = held(first)
        assert held(first, "ALTER TABLE jobs ADD COLUMN other TEXT") != new
    with postgres.fresh() as second:
        assert held(second) == new
