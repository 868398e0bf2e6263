"""When an account was banned."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("banned_at", Timestamp(), nullable=True))
