"""The table of worker processes with their heartbeats."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("last_heartbeat_at", Timestamp, nullable=False),
)
