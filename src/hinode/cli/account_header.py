"""`hinode account header`: headers of an account's callbacks; their values are never shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list

if TYPE_CHECKING:
    from hinode.core.webhooks.callback_headers import CallbackHeader

app = typer.Typer(
    help="List, set and remove the headers of an account's callbacks.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The account's name.")]
Header = Annotated[str, typer.Argument(help="The header's name, such as authorization.")]


@app.command("list")
def list_headers(
    name: Name,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List the headers of an account's callbacks, without their values."""
    with options.services(data, database) as services:
        found = services.core.callbacks.headers_of(name)
    print_list(found, ("header", "since"), _row, _object, as_json=as_json)


@app.command("set")
def set_header(
    name: Name,
    header: Header,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Set a header of an account's callbacks; prompt for its value, or read it from stdin."""
    value = (
        typer.prompt("Value", hide_input=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    with options.services(data, database) as services:
        made = services.core.callbacks.set_header(name, header, value)
    typer.echo(f"Callbacks of '{name}' carry {made.name} from the next attempt on.", err=True)
    if as_json:
        print_json(_object(made))


@app.command("remove")
def remove(
    name: Name,
    header: Header,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Remove a header of an account's callbacks."""
    with options.services(data, database) as services:
        services.core.callbacks.remove_header(name, header)
        left = services.core.callbacks.headers_of(name)
    typer.echo(f"Callbacks of '{name}' do not carry {header.lower()} any more.", err=True)
    if as_json:
        print_json([_object(one) for one in left])


def _row(header: CallbackHeader) -> tuple[str, ...]:
    return (header.name, f"{header.updated_at:%Y-%m-%d %H:%M:%S}")


def _object(header: CallbackHeader) -> dict[str, Any]:
    from hinode.api.admin.callback_headers import callback_header_object

    return callback_header_object(header)
