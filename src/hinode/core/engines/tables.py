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

# Credits of jobs of routes with a daily limit. `daily_credits.py` alone writes and reads them.
route_days = sa.Table(
    "route_days",
    metadata,
    sa.Column("engine", sa.String(80), primary_key=True),
    sa.Column("model", sa.String(120), primary_key=True),
    # Days since 1970 (UTC), of the moments at which the jobs came to the route.
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False, index=True),
    sa.Column("credits", sa.BigInteger, nullable=False),
    sa.CheckConstraint("credits >= 0", name="never_below_zero"),
)
