"""The table of the cluster's keys."""

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
