"""Tables of jobs, of sums over jobs, and of idempotency keys."""

from uuid import UUID

import sqlalchemy as sa

from hinode.db.list_order import FILTERED_TWICE, LISTED_BY_ID
from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("key_id", sa.Uuid),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("parent_id", sa.Uuid),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("upstream", sa.String(200)),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("fps", sa.Integer, nullable=False),
    sa.Column("frames", sa.Integer, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("outputs", sa.Integer, nullable=False),
    sa.Column("watermark", sa.Boolean, nullable=False),
    sa.Column("options", sa.Text),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False),
    sa.Column("charged", sa.BigInteger, nullable=False, server_default="0"),
    # What the engine's server says that it cost there, in units of its own.
    sa.Column("upstream_cost", sa.BigInteger),
    # What the engine that rendered it said that it is, in IPTC's words; NULL until it completes.
    sa.Column("origin", sa.String(40)),
    sa.Column("route_price", sa.BigInteger, nullable=False, server_default="0"),
    # All routes that can render it, as JSON; NULL for one only.
    sa.Column("routes", sa.Text),
    # Of `route_days`: NULL unless the route has a limit of credits.
    sa.Column("counted_model", sa.String(120)),
    sa.Column("counted_day", sa.Integer),
    # When a queued job may move to an overflow route; NULL without one.
    sa.Column("overflow_at", Timestamp),
    sa.Column("priority", sa.String(8), nullable=False, server_default="normal"),
    sa.Column("queue_rank", sa.Integer, nullable=False, server_default="1"),
    sa.Column("resume_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("dispatch_no", sa.Integer, nullable=False, server_default="0"),
    sa.Column("submit_failures", sa.Integer, nullable=False, server_default="0"),
    # A bit set: bit n is set when the owner has seen output n.
    sa.Column("reviewed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ticket", sa.Text),
    # The verdicts of moderation that are not a plain pass, in JSON.
    sa.Column("moderation", sa.Text),
    # The tries before the present one, in JSON.
    sa.Column("tries", sa.Text),
    sa.Column("error_code", sa.String(80)),
    sa.Column("error_message", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("started_at", Timestamp),
    sa.Column("ended_at", Timestamp),
    sa.Column("deadline_at", Timestamp, nullable=False),
    # Of a running job whose engine says when it will end.
    sa.Column("expected_end_at", Timestamp),
    sa.Column("expires_at", Timestamp),
    sa.Column("deleted_at", Timestamp),
    # Of a deleted job that its owner can restore until then.
    sa.Column("erase_at", Timestamp),
    sa.Column("title", sa.String(200)),
    sa.Column("favorite", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(
        "ix_jobs_erase_at",
        "erase_at",
        sqlite_where=sa.text("erase_at IS NOT NULL"),
        postgresql_where=sa.text("erase_at IS NOT NULL"),
    ),
    # Partial indexes for queries on unfinished jobs: place in the queue, jobs and last rank of an
    # account, running jobs of engines, and overdue jobs. They stay small however many jobs have
    # ended.
    sa.Index(
        "ix_jobs_queued",
        "engine",
        "queue_rank",
        "id",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_jobs_unfinished",
        "account_id",
        "state",
        "engine",
        "priority",
        "queue_rank",
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
    sa.Index(
        "ix_jobs_running",
        "engine",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
    # The last jobs that an engine completed with a model: how long they took.
    sa.Index(
        "ix_jobs_paces",
        "engine",
        "model",
        "ended_at",
        sqlite_where=sa.text("state = 'completed' AND started_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'completed' AND started_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_jobs_deadline",
        "deadline_at",
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    ),
    sa.Index(
        "ix_jobs_overflow",
        "overflow_at",
        sqlite_where=sa.text("state = 'queued' AND overflow_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'queued' AND overflow_at IS NOT NULL"),
    ),
    # The operator's lists of jobs in one state, of one model, and of one engine.
    sa.Index(
        "ix_jobs_of_state",
        "state",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_of_model",
        "model",
        "state",
        "id",
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_of_engine",
        "engine",
        "state",
        "id",
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_expires_at",
        "expires_at",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    ),
    # Lists of an account's videos or images: all, in one state, and of one model in one state.
    # Each page reads its own rows only, however few of the account's jobs belong to the list.
    sa.Index(
        "ix_jobs_listed",
        "account_id",
        "kind",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_by_state",
        "account_id",
        "kind",
        "state",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_by_model",
        "account_id",
        "kind",
        "model",
        "state",
        "id",
        postgresql_ops=FILTERED_TWICE,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_favorites",
        "account_id",
        "kind",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("favorite AND deleted_at IS NULL"),
        postgresql_where=sa.text("favorite AND deleted_at IS NULL"),
    ),
    # The videos of the last day, for the quota of a plan; it covers the query.
    sa.Index(
        "ix_jobs_quota",
        "account_id",
        "created_at",
        "outputs",
        sqlite_where=sa.text("kind = 'video' AND state NOT IN ('failed', 'canceled')"),
        postgresql_where=sa.text("kind = 'video' AND state NOT IN ('failed', 'canceled')"),
    ),
    # Jobs of all accounts that ended lately, for the operator.
    sa.Index(
        "ix_jobs_ended_at",
        "ended_at",
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    ),
    # An account's ended jobs by the time of their end.
    sa.Index(
        "ix_jobs_ended",
        "account_id",
        "kind",
        "ended_at",
        "id",
        sqlite_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL AND deleted_at IS NULL"),
    ),
)

# Sums over jobs, changed in the transaction that changes a job, so that no read adds up the jobs of
# an account. `accounting.py` alone writes and reads them.
NO_KEY = UUID(int=0)


def _sums_of_jobs() -> list[sa.Column[int]]:
    names = ("jobs", "completed", "failed", "credits")
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


usage_days = sa.Table(
    "usage_days",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    # Days since 1970 (UTC), of the creates of the jobs.
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False, index=True),
    sa.Column("model", sa.String(120), primary_key=True),
    # NO_KEY for jobs that were created without a key.
    sa.Column("key_id", sa.Uuid, primary_key=True),
    # A job that moves to another engine moves here, too.
    sa.Column("engine", sa.String(80), primary_key=True),
    *_sums_of_jobs(),
)

# The same of all accounts, for the operator's reports; `place_days.py` adds up the changes.
place_days = sa.Table(
    "place_days",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("model", sa.String(120), primary_key=True),
    sa.Column("engine", sa.String(80), primary_key=True),
    *_sums_of_jobs(),
)

place_day_changes = sa.Table(
    "place_day_changes",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    *_sums_of_jobs(),
)

# Of all accounts, for the operator's charts; written by `place_sums.py` once an hour is over, so
# that jobs of all accounts do not wait for one row. An hour without jobs has a row with engine "".
place_hours = sa.Table(
    "place_hours",
    metadata,
    # Hours since 1970.
    sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("engine", sa.String(80), primary_key=True),
    sa.Column("created", sa.BigInteger, nullable=False),
    # The following are of jobs that ended in the hour.
    sa.Column("completed", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("canceled", sa.BigInteger, nullable=False),
    sa.Column("credits", sa.BigInteger, nullable=False),
    # Jobs that were started, and the milliseconds that they had waited: sum and longest.
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("waited", sa.BigInteger, nullable=False),
    sa.Column("longest_wait", sa.BigInteger, nullable=False),
    # Milliseconds from the start to the end of those that completed.
    sa.Column("rendered", sa.BigInteger, nullable=False),
)

unfinished_counts = sa.Table(
    "unfinished_counts",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("engine", sa.String(80), primary_key=True),
    sa.Column("jobs", sa.Integer, nullable=False),
    sa.Index(
        "ix_unfinished_counts_engine",
        "engine",
        "jobs",
        sqlite_where=sa.text("jobs > 0"),
        postgresql_where=sa.text("jobs > 0"),
    ),
)

# Of the last day only: spend limits are per hour and per day.
key_spend = sa.Table(
    "key_spend",
    metadata,
    sa.Column("key_id", sa.Uuid, primary_key=True),
    # Minutes since 1970, of the creates of the jobs.
    sa.Column("minute", sa.Integer, primary_key=True, autoincrement=False, index=True),
    sa.Column("credits", sa.BigInteger, nullable=False),
)

# Apart from the jobs, which are read much more often. No foreign key: jobs are deleted first.
job_logs = sa.Table(
    "job_logs",
    metadata,
    sa.Column("job_id", sa.Uuid, primary_key=True),
    # The newest lines about the job in the logs of its workers, in JSON.
    sa.Column("lines", sa.Text, nullable=False),
)

# Apart from the options: what is encrypted is found and encrypted anew by its column.
callback_credentials = sa.Table(
    "callback_credentials",
    metadata,
    sa.Column("job_id", sa.Uuid, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("authorization", sa.Text, nullable=False),
)

ENCRYPTED_COLUMNS = (callback_credentials.c.authorization,)
"""Columns of texts that the cluster's encryption key encrypts."""

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("job_id", sa.Uuid, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False, index=True),
)
