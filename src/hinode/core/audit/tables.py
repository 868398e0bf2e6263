"""The table of the audit log; triggers refuse what would change or remove a row."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
    # Of the operator; NULL for a command. No foreign keys: the log outlives what it names.
    sa.Column("account_id", sa.Uuid),
    sa.Column("key_id", sa.Uuid),
    sa.Column("address", sa.String(64)),
    sa.Column("action", sa.String(120), nullable=False),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
)
