"""`hinode doctor`: check what Hinode needs, with a remedy for each failure."""

from __future__ import annotations

import typer

from hinode.cli import options


def doctor(data: options.Data = None, database: options.Database = None) -> None:
    """Check Python, SQLite, the database, the clock, the object store, the encoders, the fonts."""
    from hinode.cli.doctor_checks import CheckStatus, run_checks

    marks = {
        CheckStatus.OK: ("ok", "green"),
        CheckStatus.WARNING: ("note", "yellow"),
        CheckStatus.ERROR: ("BAD", "red"),
    }
    settings = options.read_settings(data, database)
    statuses = []
    for result in run_checks(settings):
        statuses.append(result.status)
        word, colour = marks[result.status]
        typer.secho(f"{word:>5}  ", fg=colour, nl=False)
        typer.echo(f"{result.name}: {result.detail}")
        if result.remedy:
            typer.echo(f"       → {result.remedy}")
    if CheckStatus.ERROR in statuses:
        raise typer.Exit(1)
