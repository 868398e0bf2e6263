"""A probe that the database can be written: the one row that the schema comes with."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from hinode.db.database import Database
from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

write_probe = sa.Table(
    "write_probe",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("written_at", Timestamp, nullable=False),
)


def probe_write(db: Database, now: datetime) -> None:
    """Write the row; raises ``sqlalchemy.exc.SQLAlchemyError`` when that cannot be done."""
    with db.write() as conn:
        conn.execute(write_probe.update().values(written_at=now))
