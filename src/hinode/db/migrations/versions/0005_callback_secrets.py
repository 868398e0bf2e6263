"""The secrets that sign callbacks, one per account."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback_secrets",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_callback_secrets_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_callback_secrets"),
    )
