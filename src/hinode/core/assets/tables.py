"""The table of assets."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

KEPT_INPUT = "role IN ('upload', 'mask', 'source') AND removal_due IS NULL"
"""The condition of an index; statements use it in the same words."""

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("job_id", sa.Uuid, nullable=False),
    sa.Column("output", sa.Integer, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("content_type", sa.String(80), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("duration", sa.Float, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    # Of an expired file: when it expired, and the counted uptime at which it is removed.
    sa.Column("expired_at", Timestamp),
    sa.Column("removal_due", sa.BigInteger),
    sa.UniqueConstraint("job_id", "output", "role"),
    sa.Index(
        "ix_assets_removal_due",
        "removal_due",
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    ),
    # The files that a clock which was ahead has hidden too early, among those of a whole day.
    sa.Index(
        "ix_assets_expired_at",
        "expired_at",
        "job_id",
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    ),
    sa.Index(
        "ix_assets_account_id_inputs",
        "account_id",
        "bytes",
        sqlite_where=sa.text(KEPT_INPUT),
        postgresql_where=sa.text(KEPT_INPUT),
    ),
)
