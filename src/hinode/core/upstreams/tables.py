"""Tables of accounts at upstream servers and their leases; tokens are encrypted."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

upstream_accounts = sa.Table(
    "upstream_accounts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("label", sa.String(120), nullable=False),
    sa.Column("email", sa.String(254)),
    sa.Column("access_token", sa.Text),
    sa.Column("session_token", sa.Text),
    sa.Column("refresh_token", sa.Text),
    sa.Column("client_id", sa.String(120)),
    sa.Column("expires_at", Timestamp),
    sa.Column("refreshing_until", Timestamp),
    sa.Column("plan", sa.String(16)),
    sa.Column("videos_left", sa.Integer),
    sa.Column("resets_at", Timestamp),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(300)),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("cooldown_until", Timestamp),
    sa.Column("video_slots", sa.Integer, nullable=False),
    sa.Column("image_slots", sa.Integer, nullable=False),
    sa.Column("videos_made", sa.BigInteger, nullable=False),
    sa.Column("images_made", sa.BigInteger, nullable=False),
    # Set to the engine's maximum + 1 with every lease: the lowest is the least recently used.
    sa.Column("use_order", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", Timestamp),
    sa.Column("checked_at", Timestamp),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Index("ix_upstream_accounts_engine_id", "engine", "id"),
)

upstream_leases = sa.Table(
    "upstream_leases",
    metadata,
    sa.Column("job_id", sa.Uuid, primary_key=True),
    sa.Column(
        "account_id",
        sa.Uuid,
        sa.ForeignKey("upstream_accounts.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("since", Timestamp, nullable=False),
    sa.Column("sent_at", Timestamp),
    sa.Column("remote_id", sa.String(200)),
)

ENCRYPTED_COLUMNS = (
    upstream_accounts.c.access_token,
    upstream_accounts.c.session_token,
    upstream_accounts.c.refresh_token,
)
"""Columns of texts that the cluster's encryption key encrypts."""
