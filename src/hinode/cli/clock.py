"""`hinode clock`: show and confirm the time, and undo what a wrong one did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options
from hinode.cli.audit import record_command
from hinode.cli.output import print_json
from hinode.core.timekeeping.types import REMEDY

if TYPE_CHECKING:
    from hinode.core.timekeeping.service import ClockService
    from hinode.core.timekeeping.types import ClockStatus

app = typer.Typer(
    help="Show and confirm the time; restore what a wrong clock has hidden.", no_args_is_help=True
)


@app.command("show")
def show(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Tell what this machine's clock shows, and whether workers believe it."""
    with _clocks(data, database) as clocks:
        found = clocks.status()
    if as_json:
        _print_json(found)
        return
    typer.echo(f"This machine's clock {found.explanation}.")
    if found.doubt is not None:
        typer.echo("Nothing ends or is removed by its age meanwhile.")
        typer.echo(f"→ {REMEDY}")


@app.command("confirm")
def confirm(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Confirm that this machine's clock is right; workers that show its time go on with it."""
    with _clocks(data, database) as clocks:
        typer.echo(f"This machine's clock {clocks.status().explanation}.", err=True)
        if not yes:
            typer.confirm("Is that the right time?", abort=True, err=True)
        found = clocks.confirm()
    typer.echo("Confirmed: workers go by it within a minute.", err=True)
    if as_json:
        _print_json(found)


@app.command("restore")
def restore(
    keep_hours: Annotated[
        float, typer.Option("--keep-hours", min=0.1, max=8760, help="How long they stay at least.")
    ] = 24.0,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show all files again that have expired and are not removed yet, as after a wrong clock."""
    from hinode.core.jobs.expiry import restore_hidden

    with _clocks(data, database) as clocks:
        until = clocks.clock.now() + timedelta(hours=keep_hours)
        shown = restore_hidden(clocks.db, until)
    typer.echo(f"The files of {shown.jobs} jobs and {shown.files} uploads are back.", err=True)
    if as_json:
        print_json({"jobs": shown.jobs, "files": shown.files})


def _print_json(status: ClockStatus) -> None:
    from hinode.api.admin.clock import clock_object

    print_json(clock_object(status))


@contextmanager
def _clocks(data: options.Data, database: options.Database) -> Iterator[ClockService]:
    from hinode.core.timekeeping.service import ClockService
    from hinode.kit.clock import SystemClock

    with options.open_database(options.read_settings(data, database)) as db:
        record_command(db)
        yield ClockService(db, SystemClock())
