"""`hinode account secret`: show and rotate the secret that signs callbacks."""

from __future__ import annotations

from typing import Annotated

import typer

from hinode.cli import options


def secret(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    rotate: Annotated[
        bool,
        typer.Option(help="Create a new one first; the old one signs beside it for 24 hours."),
    ] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show the secret that signs an account's callbacks; the first use creates it."""
    from hinode.core.auth.bootstrap import ensure_admin
    from hinode.services import open_services

    services = open_services(options.read_settings(data, database))
    try:
        ensure_admin(services.db, services.clock)
        if rotate:
            typer.echo(services.core.callbacks.rotate_of(name).secret)
        else:
            typer.echo(services.core.callbacks.secret_of(name))
    finally:
        services.close()
