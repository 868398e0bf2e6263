"""Accounts at upstream servers, and which of them has which job."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upstream_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.String(80), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("session_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("client_id", sa.String(120), nullable=True),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("refreshing_until", Timestamp(), nullable=True),
        sa.Column("plan", sa.String(16), nullable=True),
        sa.Column("videos_left", sa.Integer(), nullable=True),
        sa.Column("resets_at", Timestamp(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", Timestamp(), nullable=True),
        sa.Column("video_slots", sa.Integer(), nullable=False),
        sa.Column("image_slots", sa.Integer(), nullable=False),
        sa.Column("videos_made", sa.BigInteger(), nullable=False),
        sa.Column("images_made", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", Timestamp(), nullable=True),
        sa.Column("looked_at", Timestamp(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_accounts")),
    )
    op.create_index("ix_upstream_accounts_engine_id", "upstream_accounts", ["engine", "id"])
    op.create_table(
        "upstream_leases",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since", Timestamp(), nullable=False),
        sa.Column("sent_at", Timestamp(), nullable=True),
        sa.Column("remote_id", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["upstream_accounts.id"],
            name=op.f("fk_upstream_leases_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_upstream_leases")),
    )
    op.create_index("ix_upstream_leases_account_id", "upstream_leases", ["account_id"])
