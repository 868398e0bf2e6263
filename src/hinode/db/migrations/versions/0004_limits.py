"""Limits of keys, what each job is charged, and the turns that accounts take in queues."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'queued'")
_UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    _limits_of_keys()
    _jobs()


def _limits_of_keys() -> None:
    for column in (
        sa.Column("spend_hour", sa.BigInteger(), nullable=True),
        sa.Column("spend_day", sa.BigInteger(), nullable=True),
        sa.Column("spend_total", sa.BigInteger(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("at_once", sa.Integer(), nullable=True),
        sa.Column("models", sa.Text(), nullable=True),
        sa.Column("networks", sa.Text(), nullable=True),
        sa.Column("disabled_at", Timestamp(), nullable=True),
    ):
        op.add_column("keys", column)


def _jobs() -> None:
    op.add_column("jobs", sa.Column("charged", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("turn", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        "UPDATE jobs SET charged = -(SELECT coalesce(sum(ledger.amount), 0) FROM ledger"
        " WHERE ledger.job_id = jobs.id)"
    )
    op.drop_index("ix_jobs_queued", "jobs")
    op.create_index(
        "ix_jobs_queued",
        "jobs",
        ["engine", "turn", "id"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )
    op.create_index(
        "ix_jobs_outstanding",
        "jobs",
        ["account_id", "state", "engine", "turn"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_index("ix_jobs_key_id", "jobs", ["key_id", "created_at", "charged"])
