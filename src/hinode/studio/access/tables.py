"""The API keys table."""

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
    sa.Column("at_once", sa.Integer),
    sa.Column("models", sa.Text),
    sa.Column("networks", sa.Text),
)
