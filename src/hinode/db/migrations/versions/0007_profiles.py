"""Profiles, names, sessions and invites of accounts."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    profiles = op.create_table(
        "profiles",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("email", sa.String(254)),
        sa.Column("display_name", sa.String(80)),
        sa.Column("password", sa.String(200)),
        sa.Column("invite_code", sa.String(16), nullable=False),
        sa.Column("redeemed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("invited_by", sa.Uuid),
        sa.Column("activated_at", sa.BigInteger),
        sa.UniqueConstraint("email", name="uq_profiles_email"),
        sa.UniqueConstraint("invite_code", name="uq_profiles_invite_code"),
    )
    op.create_table(
        "names",
        sa.Column("folded", sa.String(30), primary_key=True),
        sa.Column("shown", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.UniqueConstraint("owner_id", name="uq_names_owner_id"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("cookie", sa.String(64), nullable=False),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.Column("turn", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.UniqueConstraint("cookie", name="uq_sessions_cookie"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    _give_profiles(profiles)


def _give_profiles(profiles: sa.Table) -> None:
    """Give the accounts that are there what new ones begin with: a code, and activation."""
    accounts = sa.table("accounts", sa.column("id", sa.Uuid), sa.column("created_at"))
    rows = [
        {"account_id": one.id, "invite_code": _code(), "activated_at": one.created_at}
        for one in op.get_bind().execute(sa.select(accounts))
    ]
    if rows:
        op.bulk_insert(profiles, rows)


def _code() -> str:
    return "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ23456789") for _ in range(8))
