"""The schema of 0.1.0."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from hinode.db.list_order import FILTERED_TWICE, LISTED_BY_ID
from hinode.db.types import Timestamp

revision = "0100"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915
    support = op.create_table(
        "schema_support",
        sa.Column("oldest_served", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("oldest_served", name=op.f("pk_schema_support")),
    )
    op.bulk_insert(support, [{"oldest_served": revision}])
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("plan", sa.String(length=16), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("banned_at", Timestamp(), nullable=True),
        sa.Column("role", sa.String(length=16), server_default="user", nullable=False),
        sa.Column("local_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "cluster_keys",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("secret_id", sa.String(length=16), nullable=False),
        sa.Column("encrypted", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("signs_at", Timestamp(), nullable=False),
        sa.Column("honoured_until", Timestamp(), nullable=True),
        sa.PrimaryKeyConstraint("purpose", "id", "secret_id", name=op.f("pk_cluster_keys")),
    )
    op.create_table(
        "published_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("published_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_settings")),
    )
    op.create_table(
        "engine_states",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("admin_state", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", Timestamp(), nullable=True),
        sa.Column("cooldown_until", Timestamp(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("offered_at", Timestamp(), nullable=True),
        sa.Column("capabilities", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_engine_states")),
    )
    op.create_table(
        "route_days",
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_route_days_never_below_zero")),
        sa.PrimaryKeyConstraint("engine", "model", "day", name=op.f("pk_route_days")),
    )
    op.create_index(op.f("ix_route_days_day"), "route_days", ["day"], unique=False)
    op.create_table(
        "names",
        sa.Column("folded", sa.String(length=30), nullable=False),
        sa.Column("shown", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_names")),
        sa.UniqueConstraint("owner_id", name=op.f("uq_names_owner_id")),
    )
    op.create_table(
        "upstream_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("session_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("client_id", sa.String(length=120), nullable=True),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("refreshing_until", Timestamp(), nullable=True),
        sa.Column("plan", sa.String(length=16), nullable=True),
        sa.Column("videos_left", sa.Integer(), nullable=True),
        sa.Column("resets_at", Timestamp(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cooldown_until", Timestamp(), nullable=True),
        sa.Column("video_slots", sa.Integer(), nullable=False),
        sa.Column("image_slots", sa.Integer(), nullable=False),
        sa.Column("videos_made", sa.BigInteger(), nullable=False),
        sa.Column("images_made", sa.BigInteger(), nullable=False),
        sa.Column("use_order", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", Timestamp(), nullable=True),
        sa.Column("checked_at", Timestamp(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upstream_accounts")),
    )
    op.create_index(
        "ix_upstream_accounts_engine_id", "upstream_accounts", ["engine", "id"], unique=False
    )
    write_probe = op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_probe")),
    )
    op.bulk_insert(write_probe, [{"id": 1, "written_at": datetime(1970, 1, 1, tzinfo=UTC)}])
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("last_heartbeat_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    agreed_time = op.create_table(
        "agreed_time",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", Timestamp(), nullable=False),
        sa.Column("boot", sa.String(length=40), nullable=False),
        sa.Column("boot_seconds", sa.Float(), nullable=False),
        sa.Column("uptime_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_time")),
    )
    never = {"seen_at": datetime(1970, 1, 1, tzinfo=UTC), "boot": "", "boot_seconds": 0.0}
    op.bulk_insert(agreed_time, [{"id": 1, **never, "uptime_ms": 0}])
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("output", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expired_at", Timestamp(), nullable=True),
        sa.Column("removal_due", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_assets_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("job_id", "output", "role", name=op.f("uq_assets_job_id_output_role")),
        sa.UniqueConstraint("key", name=op.f("uq_assets_key")),
    )
    op.create_index(
        "ix_assets_removal_due",
        "assets",
        ["removal_due"],
        unique=False,
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    )
    op.create_index(
        "ix_assets_expired_at",
        "assets",
        ["expired_at", "job_id"],
        unique=False,
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    )
    op.create_index(
        "ix_assets_account_id_inputs",
        "assets",
        ["account_id", "bytes"],
        unique=False,
        sqlite_where=sa.text("role IN ('upload', 'mask', 'source') AND removal_due IS NULL"),
        postgresql_where=sa.text("role IN ('upload', 'mask', 'source') AND removal_due IS NULL"),
    )
    op.create_table(
        "balances",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unlimited", sa.Boolean(), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("unlimited OR amount >= 0", name=op.f("ck_balances_never_below_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_balances_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balances")),
    )
    op.create_table(
        "callback_secrets",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", Timestamp(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_callback_secrets_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_callback_secrets")),
    )
    op.create_table(
        "callback_headers",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_callback_headers_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_callback_headers")),
    )
    op.create_table(
        "cameos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("clip_key", sa.String(length=200), nullable=True),
        sa.Column("begin_second", sa.Float(), nullable=False),
        sa.Column("end_second", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("image_key", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("display_name_hint", sa.String(length=80), nullable=False),
        sa.Column("username_hint", sa.String(length=30), nullable=False),
        sa.Column("instruction_hint", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cameos_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameos")),
    )
    op.create_index("ix_cameos_account_id_state", "cameos", ["account_id", "state"], unique=False)
    op.create_index("ix_cameos_created_at", "cameos", ["created_at"], unique=False)
    op.create_table(
        "characters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("visibility", sa.String(length=16), server_default="private", nullable=False),
        sa.Column("instructions", sa.Text(), nullable=True),
        sa.Column("safety_instructions", sa.Text(), nullable=True),
        sa.Column("cameo_id", sa.Uuid(), nullable=True),
        sa.Column("consent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_characters_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_characters")),
        sa.UniqueConstraint("key", name=op.f("uq_characters_key")),
    )
    op.create_index("ix_characters_account_id_id", "characters", ["account_id", "id"], unique=False)
    op.create_index("ix_characters_deleted_at", "characters", ["deleted_at"], unique=False)
    op.create_index("uq_characters_cameo_id", "characters", ["cameo_id"], unique=True)
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("removal_due", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_files_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("key", name=op.f("uq_files_key")),
    )
    op.create_index("ix_files_account_id_id", "files", ["account_id", "id"], unique=False)
    for name, hidden in (("ix_files_expires_at", "NULL"), ("ix_files_hidden", "NOT NULL")):
        op.create_index(
            name,
            "files",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text(f"removal_due IS {hidden}"),
            postgresql_where=sa.text(f"removal_due IS {hidden}"),
        )
    op.create_index(
        "ix_files_removal_due",
        "files",
        ["removal_due"],
        unique=False,
        sqlite_where=sa.text("removal_due IS NOT NULL"),
        postgresql_where=sa.text("removal_due IS NOT NULL"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_idempotency_keys_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("upstream", sa.String(length=200), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("fps", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("outputs", sa.Integer(), nullable=False),
        sa.Column("watermark", sa.Boolean(), nullable=False),
        sa.Column("options", sa.Text(), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("upstream_cost", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=True),
        sa.Column("route_price", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("routes", sa.Text(), nullable=True),
        sa.Column("counted_model", sa.String(length=120), nullable=True),
        sa.Column("counted_day", sa.Integer(), nullable=True),
        sa.Column("overflow_at", Timestamp(), nullable=True),
        sa.Column("priority", sa.String(length=8), server_default="normal", nullable=False),
        sa.Column("queue_rank", sa.Integer(), server_default="1", nullable=False),
        sa.Column("resume_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("dispatch_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("submit_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reviewed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("moderation", sa.Text(), nullable=True),
        sa.Column("tries", sa.Text(), nullable=True),
        sa.Column("error_code", sa.String(length=80), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("started_at", Timestamp(), nullable=True),
        sa.Column("ended_at", Timestamp(), nullable=True),
        sa.Column("deadline_at", Timestamp(), nullable=False),
        sa.Column("expected_end_at", Timestamp(), nullable=True),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("deleted_at", Timestamp(), nullable=True),
        sa.Column("erase_at", Timestamp(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("favorite", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_jobs_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_overflow",
        "jobs",
        ["overflow_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued' AND overflow_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'queued' AND overflow_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_listed",
        "jobs",
        ["account_id", "kind", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_by_state",
        "jobs",
        ["account_id", "kind", "state", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_by_model",
        "jobs",
        ["account_id", "kind", "model", "state", "id"],
        unique=False,
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_favorites",
        "jobs",
        ["account_id", "kind", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("favorite AND deleted_at IS NULL"),
        postgresql_where=sa.text("favorite AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_quota",
        "jobs",
        ["account_id", "created_at", "outputs"],
        unique=False,
        sqlite_where=sa.text("kind = 'video' AND state NOT IN ('failed', 'canceled')"),
        postgresql_where=sa.text("kind = 'video' AND state NOT IN ('failed', 'canceled')"),
    )
    op.create_index(
        "ix_jobs_ended_at",
        "jobs",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_ended",
        "jobs",
        ["account_id", "kind", "ended_at", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_expires_at",
        "jobs",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_erase_at",
        "jobs",
        ["erase_at"],
        unique=False,
        sqlite_where=sa.text("erase_at IS NOT NULL"),
        postgresql_where=sa.text("erase_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_paces",
        "jobs",
        ["engine", "model", "ended_at"],
        unique=False,
        sqlite_where=sa.text("state = 'completed' AND started_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'completed' AND started_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_running",
        "jobs",
        ["engine"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_jobs_unfinished",
        "jobs",
        ["account_id", "state", "engine", "priority", "queue_rank"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_jobs_of_engine",
        "jobs",
        ["engine", "state", "id"],
        unique=False,
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_of_model",
        "jobs",
        ["model", "state", "id"],
        unique=False,
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_of_state",
        "jobs",
        ["state", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_queued",
        "jobs",
        ["engine", "queue_rank", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_jobs_deadline",
        "jobs",
        ["deadline_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "usage_days",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_usage_days_account_id")
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "day", "model", "key_id", "engine", name=op.f("pk_usage_days")
        ),
    )
    op.create_index(op.f("ix_usage_days_day"), "usage_days", ["day"], unique=False)
    op.create_table(
        "place_days",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "model", "engine", name=op.f("pk_place_days")),
    )
    op.create_table(
        "place_day_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_day_changes")),
    )
    op.create_table(
        "place_hours",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("canceled", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("waited", sa.BigInteger(), nullable=False),
        sa.Column("longest_wait", sa.BigInteger(), nullable=False),
        sa.Column("rendered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "engine", name=op.f("pk_place_hours")),
    )
    op.create_table(
        "unfinished_counts",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_unfinished_counts_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "engine", name=op.f("pk_unfinished_counts")),
    )
    op.create_index(
        "ix_unfinished_counts_engine",
        "unfinished_counts",
        ["engine", "jobs"],
        unique=False,
        sqlite_where=sa.text("jobs > 0"),
        postgresql_where=sa.text("jobs > 0"),
    )
    op.create_table(
        "key_spend",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "minute", name=op.f("pk_key_spend")),
    )
    op.create_index(op.f("ix_key_spend_minute"), "key_spend", ["minute"], unique=False)
    op.create_table(
        "job_logs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_logs")),
    )
    op.create_table(
        "callback_credentials",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("authorization", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_callback_credentials_job_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_callback_credentials")),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=True),
        sa.Column("revoked_at", Timestamp(), nullable=True),
        sa.Column("disabled_at", Timestamp(), nullable=True),
        sa.Column("spend_hour", sa.BigInteger(), nullable=True),
        sa.Column("spend_day", sa.BigInteger(), nullable=True),
        sa.Column("spend_total", sa.BigInteger(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("max_unfinished", sa.Integer(), nullable=True),
        sa.Column("models", sa.Text(), nullable=True),
        sa.Column("networks", sa.Text(), nullable=True),
        sa.Column("strict_fields", sa.Boolean(), nullable=False),
        sa.Column("max_priority", sa.String(length=8), server_default="normal", nullable=False),
        sa.Column("local_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unfinished", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_keys_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_keys_digest")),
    )
    op.create_index(op.f("ix_keys_account_id"), "keys", ["account_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=True),
        sa.Column("engine", sa.String(length=80), nullable=True),
        sa.Column("upstream", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ledger_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_account_id_id", "ledger", ["account_id", "id"], unique=False)
    op.create_index(
        "uq_ledger_closed_once",
        "ledger",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text("kind IN ('settle', 'refund')"),
        postgresql_where=sa.text("kind IN ('settle', 'refund')"),
    )
    op.create_index(
        "ix_ledger_few",
        "ledger",
        ["kind", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("kind IN ('grant', 'refund')"),
        postgresql_where=sa.text("kind IN ('grant', 'refund')"),
    )
    op.create_index(
        "uq_ledger_held_once",
        "ledger",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'hold'"),
        postgresql_where=sa.text("kind = 'hold'"),
    )
    op.create_table(
        "profiles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("display_name", sa.String(length=80), nullable=True),
        sa.Column("password", sa.String(length=200), nullable=True),
        sa.Column("invite_code", sa.String(length=16), nullable=False),
        sa.Column("redeemed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("activated_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_profiles_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("email", name=op.f("uq_profiles_email")),
        sa.UniqueConstraint("invite_code", name=op.f("uq_profiles_invite_code")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("cookie", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("client", sa.String(length=200), nullable=False),
        sa.Column("access_seconds", sa.Integer(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.Column("revoked_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("cookie", name=op.f("uq_sessions_cookie")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_identities_account_id")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_account_id"), "identities", ["account_id"], unique=False)
    op.create_table(
        "login_links",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login_links")),
    )
    op.create_table(
        "upstream_leases",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("since", Timestamp(), nullable=False),
        sa.Column("sent_at", Timestamp(), nullable=True),
        sa.Column("remote_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["upstream_accounts.id"],
            name=op.f("fk_upstream_leases_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_upstream_leases")),
    )
    op.create_index(
        op.f("ix_upstream_leases_account_id"), "upstream_leases", ["account_id"], unique=False
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", sa.String(length=400), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("secret_hint", sa.String(length=40), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", Timestamp(), nullable=True),
        sa.Column("disabled_at", Timestamp(), nullable=True),
        sa.Column("disabled_reason", sa.String(length=200), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_webhook_endpoints_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        "ix_webhook_endpoints_account_id_id",
        "webhook_endpoints",
        ["account_id", "id"],
        unique=False,
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_webhook_events_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
    )
    op.create_index(
        "ix_webhook_events_account_id_id", "webhook_events", ["account_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_events_created_at"), "webhook_events", ["created_at"], unique=False
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("output", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("remixes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_posts_account_id")),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_posts_asset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("asset_id", name=op.f("uq_posts_asset_id")),
    )
    op.create_index("ix_posts_account_id_id", "posts", ["account_id", "id"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Timestamp(), nullable=True),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("ended_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_webhook_deliveries_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["webhook_events.id"], name=op.f("fk_webhook_deliveries_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_event_id"), "webhook_deliveries", ["event_id"], unique=False
    )
    op.create_index(
        "ix_webhook_deliveries_listed",
        "webhook_deliveries",
        ["account_id", "state", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
    )
    op.create_index(
        "ix_webhook_deliveries_not_delivered",
        "webhook_deliveries",
        ["state", "id"],
        unique=False,
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("state <> 'delivered'"),
        postgresql_where=sa.text("state <> 'delivered'"),
    )
    op.create_index(
        "ix_webhook_deliveries_callbacks",
        "webhook_deliveries",
        ["account_id", "event_id"],
        unique=False,
        postgresql_ops={"event_id": "uuid_ops NULLS FIRST"},
        sqlite_where=sa.text("url IS NOT NULL"),
        postgresql_where=sa.text("url IS NOT NULL"),
    )
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["endpoint_id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("retry_at", Timestamp(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name=op.f("fk_webhook_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempts")),
    )
    op.create_index(op.f("ix_webhook_attempts_at"), "webhook_attempts", ["at"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("endpoint", sa.String(length=40), nullable=False),
        sa.Column("input_file_id", sa.Uuid(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.Column("output_lifetime", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("expires_at", Timestamp(), nullable=False),
        sa.Column("in_progress_at", Timestamp(), nullable=True),
        sa.Column("finalizing_at", Timestamp(), nullable=True),
        sa.Column("completed_at", Timestamp(), nullable=True),
        sa.Column("failed_at", Timestamp(), nullable=True),
        sa.Column("expired_at", Timestamp(), nullable=True),
        sa.Column("cancelling_at", Timestamp(), nullable=True),
        sa.Column("cancelled_at", Timestamp(), nullable=True),
        sa.Column("output_file_id", sa.Uuid(), nullable=True),
        sa.Column("error_file_id", sa.Uuid(), nullable=True),
        sa.Column("errors", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_batches_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_account_id_id", "batches", ["account_id", "id"], unique=False)
    op.create_table(
        "batch_lines",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("custom_id", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_batch_lines_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_lines")),
    )
    op.create_index(
        "ix_batch_lines_unfinished",
        "batch_lines",
        ["batch_id", "state", "number"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'created')"),
        postgresql_where=sa.text("state IN ('pending', 'created')"),
    )
    # ### end Alembic commands ###
    _make_audit_log_append_only()
    op.create_index("uq_accounts_name_folded", "accounts", [sa.text("lower(name)")], unique=True)


def _make_audit_log_append_only() -> None:
    """Have the database refuse whatever would change or remove an entry."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    else:
        refuse = "FOR EACH ROW EXECUTE FUNCTION refuse_audit_log_change()"
        op.execute(
            "CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
    for change in ("UPDATE", "DELETE"):
        name = f"audit_log_refuses_{change.lower()}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON audit_log {refuse}")
