"""The tables of API keys and of sessions."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("hint", sa.String(16), nullable=False),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("revoked_at", Timestamp),
    sa.Column("disabled_at", Timestamp),
    sa.Column("spend_hour", sa.BigInteger),
    sa.Column("spend_day", sa.BigInteger),
    sa.Column("spend_total", sa.BigInteger),
    sa.Column("per_minute", sa.Integer),
    sa.Column("max_unfinished", sa.Integer),
    sa.Column("models", sa.Text),
    sa.Column("networks", sa.Text),
    # What its jobs hold or cost, all of them: the sum of their `charged`.
    sa.Column("spent", sa.BigInteger, nullable=False, server_default="0"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    # Digests, never the tokens.
    sa.Column("cookie", sa.String(64), nullable=False, unique=True),
    sa.Column("proof", sa.String(64), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("revoked_at", Timestamp),
)
