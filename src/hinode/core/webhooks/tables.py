"""Tables of webhook endpoints, events, deliveries, attempts and callback secrets."""

import sqlalchemy as sa

from hinode.db.list_order import LISTED_BY_ID
from hinode.db.metadata import metadata
from hinode.db.types import Timestamp

endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("event_types", sa.String(400), nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("secret_hint", sa.String(40), nullable=False),
    sa.Column("old_secret", sa.Text),
    sa.Column("old_secret_until", Timestamp),
    sa.Column("disabled_at", Timestamp),
    sa.Column("disabled_reason", sa.String(200)),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Index("ix_webhook_endpoints_account_id_id", "account_id", "id"),
)

events = sa.Table(
    "webhook_events",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("job_id", sa.Uuid),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False, index=True),
    sa.Index("ix_webhook_events_account_id_id", "account_id", "id"),
)

deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("event_id", sa.Uuid, sa.ForeignKey("webhook_events.id"), nullable=False, index=True),
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), nullable=False),
    # No foreign key: the log is kept when the endpoint is deleted.
    sa.Column("endpoint_id", sa.Uuid),
    sa.Column("url", sa.Text),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Timestamp),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("ended_at", Timestamp),
    # Lists of deliveries: of an account in each state, and of all accounts those that did not, or
    # not yet, succeed, which are few.
    sa.Index(
        "ix_webhook_deliveries_listed",
        "account_id",
        "state",
        "id",
        postgresql_ops=LISTED_BY_ID,
    ),
    sa.Index(
        "ix_webhook_deliveries_not_delivered",
        "state",
        "id",
        postgresql_ops=LISTED_BY_ID,
        sqlite_where=sa.text("state <> 'delivered'"),
        postgresql_where=sa.text("state <> 'delivered'"),
    ),
    sa.Index(
        "ix_webhook_deliveries_callbacks",
        "account_id",
        "event_id",
        postgresql_ops={"event_id": "uuid_ops NULLS FIRST"},
        sqlite_where=sa.text("url IS NOT NULL"),
        postgresql_where=sa.text("url IS NOT NULL"),
    ),
    sa.Index(
        "ix_webhook_deliveries_pending",
        "endpoint_id",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    ),
)

attempts = sa.Table(
    "webhook_attempts",
    metadata,
    sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("webhook_deliveries.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Timestamp, nullable=False, index=True),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("latency_ms", sa.Integer, nullable=False),
    sa.Column("response", sa.Text, nullable=False),
    sa.Column("retry_at", Timestamp),
)

callback_secrets = sa.Table(
    "callback_secrets",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("old_secret", sa.Text),
    sa.Column("old_secret_until", Timestamp),
    sa.Column("created_at", Timestamp, nullable=False),
)

callback_headers = sa.Table(
    "callback_headers",
    metadata,
    sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

ENCRYPTED_COLUMNS = (
    endpoints.c.secret,
    endpoints.c.old_secret,
    callback_secrets.c.secret,
    callback_secrets.c.old_secret,
    callback_headers.c.value,
)
"""Columns of texts that the cluster's encryption key encrypts."""
