"""Tables of accounts, profiles and usernames."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("plan", sa.String(16), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("banned_at", Timestamp),
    sa.Column("role", sa.String(16), nullable=False, server_default="user"),
    sa.Column("local_only", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("uq_accounts_name_folded", sa.text("lower(name)"), unique=True),
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    # In lower case, so that the unique index ignores case.
    sa.Column("email", sa.String(254), unique=True),
    sa.Column("display_name", sa.String(80)),
    sa.Column("password", sa.String(200)),
    sa.Column("invite_code", sa.String(16), nullable=False, unique=True),
    sa.Column("redeemed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("invited_by", sa.Uuid),
    sa.Column("activated_at", Timestamp),
)

# Usernames of accounts and of characters; ``folded`` is ``shown`` in lower case.
names = sa.Table(
    "names",
    metadata,
    sa.Column("folded", sa.String(30), primary_key=True),
    sa.Column("shown", sa.String(30), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False, unique=True),
)
