"""`hinode account secret`: show and rotate the secret that signs callbacks."""

from __future__ import annotations

from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.output import print_json


def secret(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    rotate: Annotated[
        bool,
        typer.Option(help="Create a new one first; the old one signs beside it for 24 hours."),
    ] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show the secret that signs an account's callbacks; the first use creates it."""
    with options.services(data, database) as services:
        callbacks = services.core.callbacks
        shown = callbacks.rotate_of(name).secret if rotate else callbacks.secret_of(name)
    if as_json:
        print_json({"secret": shown})
    else:
        typer.echo(shown)
