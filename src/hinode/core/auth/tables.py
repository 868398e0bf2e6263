"""Tables of API keys and sessions; secrets and tokens are stored as digests only."""

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
    sa.Column("strict_fields", sa.Boolean, nullable=False),
    sa.Column("max_priority", sa.String(8), nullable=False, server_default="normal"),
    sa.Column("local_only", sa.Boolean, nullable=False, server_default=sa.false()),
    # Sums over its jobs: credits that they hold or were charged, and the number of unfinished ones.
    sa.Column("spent", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("unfinished", sa.Integer, nullable=False, server_default="0"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    # Digests of the cookie and of the parts of the refresh token.
    sa.Column("cookie", sa.String(64), nullable=False, unique=True),
    sa.Column("proof", sa.String(64), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("audience", sa.String(8), nullable=False),
    sa.Column("scopes", sa.String(200), nullable=False),
    # Whether its tokens have the rights of an operator while the account's role is that.
    sa.Column("operator", sa.Boolean, nullable=False),
    # The start of the client's User-Agent.
    sa.Column("client", sa.String(200), nullable=False),
    # Lifetime of its access tokens; null: the setting's.
    sa.Column("access_seconds", sa.Integer),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("revoked_at", Timestamp),
)

# People of a provider of single sign-on.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(500), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("created_at", Timestamp, nullable=False),
)

# Links that log in once; the secrets are stored as digests only.
login_links = sa.Table(
    "login_links",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("operator", sa.Boolean, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)
