"""`hinode doctor`: check what Hinode needs, with a remedy for each failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hinode.cli import options
from hinode.cli.output import print_json

if TYPE_CHECKING:
    from hinode.cli.check_result import CheckResult


def doctor(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Check Python, SQLite, the database, the clock, the object store, the encoders, the fonts."""
    from hinode.cli.check_result import CheckStatus
    from hinode.cli.doctor_checks import run_checks

    results = []
    for result in run_checks(options.read_settings(data, database)):
        results.append(result)
        if not as_json:
            _print(result)
    if as_json:
        print_json([_object(one) for one in results])
    if any(one.status is CheckStatus.ERROR for one in results):
        raise typer.Exit(1)


def _print(result: CheckResult) -> None:
    colours = {"ok": "green", "note": "yellow", "BAD": "red"}
    typer.secho(f"{result.status.value:>5}  ", fg=colours[result.status.value], nl=False)
    typer.echo(f"{result.name}: {result.detail}")
    if result.remedy:
        typer.echo(f"       → {result.remedy}")


def _object(result: CheckResult) -> dict[str, str]:
    return {
        "name": result.name,
        "status": result.status.name.lower(),
        "detail": result.detail,
        "remedy": result.remedy,
    }
