"""What operators want of engines, and how these have been doing."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("hop", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "engine_states",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("duty", sa.String(16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", Timestamp(), nullable=True),
        sa.Column("resting_until", Timestamp(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
    )
