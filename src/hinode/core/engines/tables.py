"""The table of engine states; an engine without a row is open and has no failures."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

engine_states = sa.Table(
    "engine_states",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("admin_state", sa.String(16), nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", Timestamp),
    sa.Column("cooldown_until", Timestamp),
    sa.Column("reason", sa.String(300)),
    sa.Column("offered_at", Timestamp),
    # As JSON, of the worker that offered it last: other hosts may not have the engine.
    sa.Column("capabilities", sa.Text),
)
