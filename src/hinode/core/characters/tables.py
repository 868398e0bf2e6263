"""Tables of characters and cameos."""

import sqlalchemy as sa

from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

characters = sa.Table(
    "characters",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("visibility", sa.String(16), nullable=False, server_default="private"),
    sa.Column("instructions", sa.Text),
    sa.Column("safety_instructions", sa.Text),
    sa.Column("cameo_id", sa.Uuid),
    # The uploader stated that the person shown agrees.
    sa.Column("consent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("deleted_at", Timestamp),
    sa.Index("ix_characters_account_id_id", "account_id", "id"),
    sa.Index("uq_characters_cameo_id", "cameo_id", unique=True),
    sa.Index("ix_characters_deleted_at", "deleted_at"),
)

cameos = sa.Table(
    "cameos",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("clip_key", sa.String(200)),
    sa.Column("begin_second", sa.Float, nullable=False),
    sa.Column("end_second", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("image_key", sa.String(200)),
    sa.Column("reason", sa.Text),
    sa.Column("display_name_hint", sa.String(80), nullable=False),
    sa.Column("username_hint", sa.String(30), nullable=False),
    sa.Column("instruction_hint", sa.Text, nullable=False),
    sa.Column("consent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Index("ix_cameos_account_id_state", "account_id", "state"),
    sa.Index("ix_cameos_created_at", "created_at"),
)
