"""Drafts: what an account made, by when it was finished, and what of it its owner has seen."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LISTED = sa.text("ended_at IS NOT NULL AND deleted_at IS NULL")
_PICTURES = sa.text("kind = 'image'")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("reviewed", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_jobs_ended",
        "jobs",
        ["account_id", "kind", "ended_at", "id"],
        sqlite_where=_LISTED,
        postgresql_where=_LISTED,
    )
    op.create_index(
        "ix_jobs_pictures",
        "jobs",
        ["account_id", "id"],
        sqlite_where=_PICTURES,
        postgresql_where=_PICTURES,
    )
