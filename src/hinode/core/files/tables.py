"""The table of uploaded files."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("purpose", sa.String(40), nullable=False),
    sa.Column("content_type", sa.String(80), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp),
    # Of an expired file: the counted uptime at which it is removed.
    sa.Column("removal_due", sa.BigInteger),
    sa.Index(
        "ix_files_removal_due",
        "removal_due",
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    ),
    # The sweep looks for files that have expired, and for hidden ones that have not.
    sa.Index(
        "ix_files_expires_at",
        "expires_at",
        sqlite_where=sa.text("removal_due IS NULL"),
        postgresql_where=sa.text("removal_due IS NULL"),
    ),
    sa.Index(
        "ix_files_hidden",
        "expires_at",
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    ),
    sa.Index("ix_files_account_id_id", "account_id", "id"),
)
