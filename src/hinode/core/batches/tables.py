"""Tables of batches and their lines."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("key_id", sa.Uuid),
    sa.Column("endpoint", sa.String(40), nullable=False),
    # No foreign key: the file may be deleted before the batch.
    sa.Column("input_file_id", sa.Uuid, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("metadata", sa.Text),
    sa.Column("output_lifetime", sa.Integer),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("in_progress_at", Timestamp),
    sa.Column("finalizing_at", Timestamp),
    sa.Column("completed_at", Timestamp),
    sa.Column("failed_at", Timestamp),
    sa.Column("expired_at", Timestamp),
    sa.Column("cancelling_at", Timestamp),
    sa.Column("cancelled_at", Timestamp),
    sa.Column("output_file_id", sa.Uuid),
    sa.Column("error_file_id", sa.Uuid),
    sa.Column("errors", sa.Text),
    # The number of lines in all, and of those in their final states.
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("completed", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Index("ix_batches_account_id_id", "account_id", "id"),
)

batch_lines = sa.Table(
    "batch_lines",
    metadata,
    sa.Column("batch_id", sa.Uuid, sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("custom_id", sa.String(512), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("job_id", sa.Uuid),
    sa.Column("details", sa.Text),
    sa.Column("failure", sa.Text),
    # For the next lines to create and those whose jobs have not ended.
    sa.Index(
        "ix_batch_lines_unfinished",
        "batch_id",
        "state",
        "number",
        sqlite_where=sa.text("state IN ('pending', 'created')"),
        postgresql_where=sa.text("state IN ('pending', 'created')"),
    ),
)
