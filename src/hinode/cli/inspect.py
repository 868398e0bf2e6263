"""`hinode inspect`: the signed provenance of a file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options
from hinode.cli.output import print_json
from hinode.config.settings import Settings

if TYPE_CHECKING:
    from hinode.media.provenance import Provenance


def inspect(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="MP4, PNG, JPEG or WebP file.")
    ],
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show the signed provenance (C2PA) of a file; exit with 1 when it has none, or an invalid one.

    "Trusted": signed by this Hinode and unchanged. "Valid": unchanged, but signed by another.
    """
    from hinode.media.provenance import read_provenance

    found = read_provenance(file, _own_authorities(options.read_settings(data, database)))
    if found is None:
        typer.echo(f"{file} has no provenance.", err=True)
        raise typer.Exit(1)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)
    if found.state == "Invalid":
        raise typer.Exit(1)


def _print(found: Provenance) -> None:
    typer.echo(f"state      {found.state}")
    typer.echo(f"made by    {found.generator}")
    if found.statement:
        typer.echo(f"engine     {found.statement.engine}")
        typer.echo(f"model      {found.statement.model}")
        if found.statement.weights:
            typer.echo(f"weights    {found.statement.weights} ({found.statement.licence})")
        typer.echo(f"origin     {found.statement.origin} (no camera)")
    typer.echo(f"signed by  {found.signer}")
    for problem in found.problems:
        typer.echo(f"note       {problem}")


def _own_authorities(settings: Settings) -> bytes:
    """Return the certificates of the authorities of this Hinode, PEM; empty without a database."""
    from hinode.core.cluster import repository
    from hinode.core.cluster.types import KeyPurpose
    from hinode.db.database import Database
    from hinode.db.schema import current_revision

    db = Database(settings.database_url)
    if db.is_sqlite and not Path(db.url.database or "").is_file():
        return b""
    try:
        if current_revision(db) is None:
            return b""
        with db.read() as conn:
            return "".join(repository.public_halves(conn, KeyPurpose.PROVENANCE)).encode()
    finally:
        db.dispose()
