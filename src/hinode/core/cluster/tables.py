"""The tables of the cluster's keys and of the settings that its hosts share."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

cluster_keys = sa.Table(
    "cluster_keys",
    metadata,
    sa.Column("purpose", sa.String(16), primary_key=True),
    sa.Column("id", sa.String(16), primary_key=True),
    # The secret it is encrypted with: while the secret is changed, each key is here twice.
    sa.Column("secret_id", sa.String(16), primary_key=True),
    sa.Column("encrypted", sa.Text, nullable=False),
    sa.Column("public", sa.Text, nullable=False),
    sa.Column("signs_at", Timestamp, nullable=False),
    sa.Column("honoured_until", Timestamp),
)

published_settings = sa.Table(
    "published_settings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("published_at", Timestamp, nullable=False),
)
