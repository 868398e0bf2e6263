"""`hinode doctor`: is everything here that a Hinode needs, and how to mend what is not."""

from __future__ import annotations

import typer

from hinode.cli import options


def doctor(data: options.Data = None, database: options.Database = None) -> None:
    """Check Python, SQLite, the database, the object store, the encoders and the fonts."""
    from hinode.cli.checks import Grade, examine

    marks = {Grade.GOOD: ("ok", "green"), Grade.FAIR: ("note", "yellow"), Grade.BAD: ("BAD", "red")}
    settings = options.read_settings(data, database)
    grades = []
    for finding in examine(settings):
        grades.append(finding.grade)
        word, colour = marks[finding.grade]
        typer.secho(f"{word:>5}  ", fg=colour, nl=False)
        typer.echo(f"{finding.what}: {finding.found}")
        if finding.remedy:
            typer.echo(f"       → {finding.remedy}")
    if Grade.BAD in grades:
        raise typer.Exit(1)
