"""`hinode move`: to another database or object store, while the place is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options

if TYPE_CHECKING:
    from hinode.db.database import Database

app = typer.Typer(
    help="Move to another database or object store; stop all servers and workers before.",
    no_args_is_help=True,
)


@app.command("database")
def move_database(
    target: Annotated[str, typer.Argument(help="The new one: postgresql://… or sqlite:///…")],
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Copy everything into an empty database, queued work included, and check it.

    The old database is not changed. All or nothing is copied.
    """
    import hinode.worker  # noqa: F401 # registers the tables of all domains
    from hinode.components import opened_database
    from hinode.db.copy import copy_rows
    from hinode.workflows.all_tables import all_tables
    from hinode.workflows.queues import create_tables

    settings = options.read_settings(data, database)
    with options.open_database(settings) as old:
        _check_stopped(old)
        with opened_database(settings.model_copy(update={"database": target})) as new:
            for one in (old, new):
                create_tables(one)
            _check_empty(new)
            copy_rows(old, new, all_tables(old, new), _told)
    typer.echo("Copied and checked. Set `database` in hinode.toml or HINODE_DATABASE.", err=True)


@app.command("files")
def move_files(
    target: Annotated[str, typer.Argument(help="The new one: s3://…, gs://…, az://… or a folder")],
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Copy all stored files into another object store; go on where an earlier try stopped."""
    from hinode.storage.copy import copy_objects
    from hinode.storage.factory import open_store

    settings = options.read_settings(data, database)
    with options.open_database(settings) as db:
        _check_stopped(db)
    old, new = open_store(settings.storage_url), open_store(target)
    new.check()
    objects = list(old.list())
    with typer.progressbar(length=len(objects), label="Files") as bar:
        done = copy_objects(old, new, objects, lambda _: bar.update(1))
    typer.echo(
        f"{done.copied} files copied, {done.present} were there; {done.size / 1e6:.1f} MB in all. "
        "Set `storage` in hinode.toml or HINODE_STORAGE.",
        err=True,
    )


def _told(table: str, rows: int) -> None:
    if rows:
        typer.echo(f"{table}: {rows}", err=True)


def _check_stopped(db: Database) -> None:
    from hinode.db.copy import CopyError
    from hinode.kit.clock import SystemClock
    from hinode.workflows.heartbeat import count_alive

    if count_alive(db, SystemClock()):
        raise CopyError(
            "A worker is alive: stop all servers and workers of this database, and wait 20 seconds."
        )


def _check_empty(db: Database) -> None:
    import sqlalchemy as sa

    from hinode.core.accounts.tables import accounts
    from hinode.db.copy import CopyError

    with db.read() as conn:
        if conn.scalar(sa.select(sa.exists().select_from(accounts))):
            raise CopyError("The new database has accounts already: name an empty one.")
