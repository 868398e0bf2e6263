"""The table of the time that is believed, and of the counted uptime: one row."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

agreed_time = sa.Table(
    "agreed_time",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seen_at", Timestamp, nullable=False),
    # The machine that showed it: its boot, and the seconds since.
    sa.Column("boot", sa.String(40), nullable=False),
    sa.Column("boot_seconds", sa.Float, nullable=False),
    # How long there has been a worker, in milliseconds.
    sa.Column("uptime_ms", sa.BigInteger, nullable=False),
)
