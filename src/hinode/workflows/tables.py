"""The tables of worker processes with their heartbeats, and of the time that they agree on."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("last_heartbeat_at", Timestamp, nullable=False),
)

agreed_time = sa.Table(
    "agreed_time",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seen_at", Timestamp, nullable=False),
)
