"""`hinode inspect`: the signed provenance of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hinode.cli import options


def inspect(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="MP4, PNG, JPEG or WebP file.")
    ],
    data: options.Data = None,
) -> None:
    """Show the signed provenance (C2PA) of a file; exit with 1 when it has none, or an invalid one.

    "Trusted": signed by this Hinode and unchanged. "Valid": unchanged, but signed by another.
    """
    from hinode.components import provenance_folder
    from hinode.media.provenance import read_provenance
    from hinode.media.signing_identity import load_signing_identity

    identity = load_signing_identity(provenance_folder(options.read_settings(data, None)))
    found = read_provenance(file, identity.authority if identity else None)
    if found is None:
        typer.echo(f"{file} has no provenance.", err=True)
        raise typer.Exit(1)
    typer.echo(f"state      {found.state}")
    typer.echo(f"made by    {found.generator}")
    if found.statement:
        typer.echo(f"engine     {found.statement.engine}")
        typer.echo(f"model      {found.statement.model}")
        typer.echo(f"origin     {found.statement.origin} (no camera)")
    typer.echo(f"signed by  {found.signer}")
    for problem in found.problems:
        typer.echo(f"note       {problem}")
    if found.state == "Invalid":
        raise typer.Exit(1)
