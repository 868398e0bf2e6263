"""How often each job was started, so that one that kills its worker ends."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
