"""Tables of jobs and idempotency keys."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("key_id", sa.Uuid),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("parent_id", sa.Uuid),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("fps", sa.Integer, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("outputs", sa.Integer, nullable=False),
    sa.Column("watermark", sa.Boolean, nullable=False),
    sa.Column("options", sa.Text),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False),
    sa.Column("charged", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("queue_rank", sa.Integer, nullable=False, server_default="1"),
    sa.Column("resume_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("dispatch_no", sa.Integer, nullable=False, server_default="0"),
    sa.Column("submit_failures", sa.Integer, nullable=False, server_default="0"),
    # A bit set: bit n is set when the owner has seen output n.
    sa.Column("reviewed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ticket", sa.Text),
    sa.Column("error_code", sa.String(80)),
    sa.Column("error_message", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("started_at", Timestamp),
    sa.Column("ended_at", Timestamp),
    sa.Column("deadline_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("deleted_at", Timestamp),
    sa.Index("ix_jobs_account_id_id", "account_id", "id"),
    # A covering index for the spend limits of keys: sums over an hour or a day read no rows.
    sa.Index("ix_jobs_key_id", "key_id", "created_at", "charged"),
    # Partial indexes for queries on unfinished jobs: place in the queue, jobs and last rank of an
    # account, jobs of a key, and overdue jobs. They stay small however many jobs have ended.
    sa.Index(
        "ix_jobs_queued",
        "engine",
        "queue_rank",
        "id",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_jobs_unfinished",
        "account_id",
        "state",
        "engine",
        "queue_rank",
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
    sa.Index(
        "ix_jobs_key_unfinished",
        "key_id",
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
    sa.Index(
        "ix_jobs_deadline",
        "deadline_at",
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
    sa.Index(
        "ix_jobs_expires_at",
        "expires_at",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    ),
    # Lists of an account's images, and of its ended jobs by the time of their end.
    sa.Index(
        "ix_jobs_images",
        "account_id",
        "id",
        sqlite_where=sa.text("kind = 'image'"),
        postgresql_where=sa.text("kind = 'image'"),
    ),
    sa.Index(
        "ix_jobs_ended",
        "account_id",
        "kind",
        "ended_at",
        "id",
        sqlite_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
    ),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("job_id", sa.Uuid, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False, index=True),
)
