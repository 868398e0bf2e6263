"""Tables of the ledger and of balances; a balance is the sum of the account's entries."""

import sqlalchemy as sa

from hinode.db.list_order import LISTED_BY_ID
from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

balances = sa.Table(
    "balances",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("unlimited", sa.Boolean, nullable=False),
    # Sums over the account's jobs: prices of unfinished ones, charges of ended ones.
    sa.Column("held", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("spent", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("unlimited OR amount >= 0", name="never_below_zero"),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("job_id", sa.Uuid),
    sa.Column("created_at", Timestamp, nullable=False),
    # Of settles only: what they keep of the hold, and the route that rendered the job.
    sa.Column("charged", sa.BigInteger),
    sa.Column("engine", sa.String(80)),
    sa.Column("upstream", sa.String(200)),
    sa.Index("ix_ledger_account_id_id", "account_id", "id"),
    # The operator's lists of entries that are few among the holds and settles.
    sa.Index(
        "ix_ledger_few",
        "kind",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("kind IN ('grant', 'refund')"),
        postgresql_where=sa.text("kind IN ('grant', 'refund')"),
    ),
    # The database enforces exactly-once accounting: one hold and one settle or refund for each job.
    sa.Index(
        "uq_ledger_held_once",
        "job_id",
        unique=True,
        sqlite_where=sa.text("kind = 'hold'"),
        postgresql_where=sa.text("kind = 'hold'"),
    ),
    sa.Index(
        "uq_ledger_closed_once",
        "job_id",
        unique=True,
        sqlite_where=sa.text("kind IN ('settle', 'refund')"),
        postgresql_where=sa.text("kind IN ('settle', 'refund')"),
    ),
)
