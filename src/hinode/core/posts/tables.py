"""The table of posts."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("job_id", sa.Uuid, nullable=False),
    sa.Column("output", sa.Integer, nullable=False),
    # The cascade deletes a post with its file, whoever deletes that. Unique: concurrent requests to
    # publish a file get one post.
    sa.Column(
        "asset_id",
        sa.Uuid,
        sa.ForeignKey("assets.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("views", sa.BigInteger, nullable=False),
    sa.Column("remixes", sa.BigInteger, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Index("ix_posts_account_id_id", "account_id", "id"),
)
