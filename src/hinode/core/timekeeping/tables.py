"""The table of the believed time and the counted uptime; it has one row."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

agreed_time = sa.Table(
    "agreed_time",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    # The boot of the machine that stored the time, and its uptime then, in seconds.
    sa.Column("boot", sa.String(40), nullable=False),
    sa.Column("boot_seconds", sa.Float, nullable=False),
    # Total time with at least one running worker, in milliseconds.
    sa.Column("uptime_ms", sa.BigInteger, nullable=False),
)
