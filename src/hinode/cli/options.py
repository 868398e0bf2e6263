"""Options that commands share, and settings read from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.config.settings import Settings, load_settings

if TYPE_CHECKING:
    from hinode.core.jobs.operator_service import AdminCommands

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


def read_settings(data: Path | None, database: str | None, **given: Any) -> Settings:
    """Read the settings and set up the log."""
    from hinode.kit.logging import configure_logging

    settings = load_settings(data=data, database=database, **given)
    configure_logging(settings.log_format, settings.log_level)
    return settings


@contextmanager
def admin_commands(data: Path | None, database: str | None) -> Iterator[AdminCommands]:
    """Open the database for one command, beside a running server or without one."""
    from hinode.components import open_database, prepare_folder
    from hinode.core.auth.bootstrap import ensure_admin
    from hinode.core.jobs.operator_service import AdminCommands
    from hinode.kit.clock import SystemClock

    settings = read_settings(data, database)
    prepare_folder(settings)
    db = open_database(settings)
    try:
        ensure_admin(db, SystemClock())
        yield AdminCommands(db, SystemClock())
    finally:
        db.dispose()
