"""Characters of the Sora dialect: cameos in progress, who may see them, what is said of them."""

import sqlalchemy as sa
from alembic import op

from hinode.db.types import Timestamp

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cameos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("clip_key", sa.String(length=200), nullable=True),
        sa.Column("begin_second", sa.Float(), nullable=False),
        sa.Column("end_second", sa.Float(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("portrait_key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("display_name_hint", sa.String(length=80), nullable=False),
        sa.Column("username_hint", sa.String(length=30), nullable=False),
        sa.Column("instruction_hint", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_cameos_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cameos"),
    )
    op.create_index("ix_cameos_account_id_state", "cameos", ["account_id", "state"])
    op.create_index("ix_cameos_created_at", "cameos", ["created_at"])
    for column in (
        sa.Column("visibility", sa.String(length=16), nullable=False, server_default="private"),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("safety_instructions", sa.Text(), nullable=True),
        sa.Column("cameo_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", Timestamp(), nullable=True),
    ):
        op.add_column("characters", column)
    op.create_index("uq_characters_cameo_id", "characters", ["cameo_id"], unique=True)
    op.create_index("ix_characters_deleted_at", "characters", ["deleted_at"])
