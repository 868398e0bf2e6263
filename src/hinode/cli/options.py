"""Options that commands share, and what is opened with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli.audit import record_command
from hinode.config.settings import Settings, load_settings

if TYPE_CHECKING:
    from hinode.core.auth.key_admin import KeyAdmin
    from hinode.core.auth.session_service import SessionService
    from hinode.core.jobs.account_admin import AccountAdmin
    from hinode.db.database import Database as OpenDatabase
    from hinode.services import Services

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder for the database, the files and hinode.toml. [default: ~/.hinode]"
    ),
]
Database = Annotated[
    str | None,
    typer.Option("--database", help="Database URL. [default: SQLite in the data folder]"),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON, with the admin API's objects where it has them.")
]
Storage = Annotated[
    str | None,
    typer.Option("--storage", help="Object store, or s3://… [default: in the data folder]"),
]


def read_settings(data: Path | None, database: str | None, **given: Any) -> Settings:
    """Read the settings and set up the log."""
    from hinode.cli.error_messages import unknown_variables
    from hinode.kit.logging import configure_logging

    settings = load_settings(data=data, database=database, **given)
    for warning in unknown_variables(os.environ):
        typer.echo(f"Warning: {warning}", err=True)
    configure_logging(settings.log_format, settings.log_level)
    return settings


@contextmanager
def account_admin(data: Path | None, database: str | None) -> Iterator[AccountAdmin]:
    """Open the administration of accounts for one command."""
    from hinode.components import with_published
    from hinode.core.accounts.plans import plan_limits
    from hinode.core.jobs.account_admin import AccountAdmin
    from hinode.kit.clock import SystemClock

    settings = read_settings(data, database)
    with _database(settings) as db:
        record_command(db)
        yield AccountAdmin(db, SystemClock(), plan_limits(with_published(settings, db)))


@contextmanager
def key_admin(data: Path | None, database: str | None) -> Iterator[KeyAdmin]:
    """Open the administration of keys for one command."""
    from hinode.core.auth.key_admin import KeyAdmin
    from hinode.kit.clock import SystemClock

    with _database(read_settings(data, database)) as db:
        record_command(db)
        yield KeyAdmin(db, SystemClock())


@contextmanager
def session_service(data: Path | None, database: str | None) -> Iterator[SessionService]:
    """Open the service of sessions for one command."""
    from hinode.components import open_auth_service, open_keys, with_published
    from hinode.core.auth.rate_limiter import InMemoryRateLimiter
    from hinode.kit.clock import SystemClock

    settings, clock = read_settings(data, database), SystemClock()
    with _database(settings) as db:
        keyring = open_keys(settings, db, clock)
        shared = with_published(settings, db)
        record_command(db)
        yield open_auth_service(shared, db, clock, InMemoryRateLimiter(clock), keyring)


@contextmanager
def services(data: Path | None, database: str | None) -> Iterator[Services]:
    """Open all services for one command, with the tables of the queues."""
    from hinode.core.auth.bootstrap import ensure_admin
    from hinode.services import open_services
    from hinode.workflows.queues import create_tables

    opened = open_services(read_settings(data, database))
    try:
        create_tables(opened.db)
        ensure_admin(opened.db, opened.clock)
        record_command(opened.db)
        yield opened
    finally:
        opened.close()


@contextmanager
def open_database(settings: Settings) -> Iterator[OpenDatabase]:
    """Open the database for one command, beside a running server or without one."""
    from hinode import components

    components.prepare_folder(settings)
    with components.opened_database(settings) as db:
        yield db


@contextmanager
def _database(settings: Settings) -> Iterator[OpenDatabase]:
    from hinode.core.auth.bootstrap import ensure_admin
    from hinode.kit.clock import SystemClock

    with open_database(settings) as db:
        ensure_admin(db, SystemClock())
        yield db
