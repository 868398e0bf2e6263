"""Callback secrets that rotate, callbacks by account, and what each key has spent."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    op.add_column("callback_secrets", sa.Column("old_secret", sa.Text(), nullable=True))
    op.add_column("callback_secrets", sa.Column("old_secret_until", Timestamp(), nullable=True))
    # A callback is signed with what its account has when it is sent, not when it was made.
    op.drop_column("webhook_deliveries", "secret")
    op.create_index("ix_webhook_events_account_id_id", "webhook_events", ["account_id", "id"])
    op.add_column("keys", sa.Column("spent", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(
        "ix_jobs_key_unfinished",
        "jobs",
        ["key_id"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.execute(
        "UPDATE keys SET spent ="
        " (SELECT coalesce(sum(jobs.charged), 0) FROM jobs WHERE jobs.key_id = keys.id)"
    )
