"""How often a job was offered to an engine that did not take it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
