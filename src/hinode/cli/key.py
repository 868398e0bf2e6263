"""`hinode key`: make, list and revoke API keys."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.tables import print_table
from hinode.studio.access.types import DEFAULT_SCOPES, Key, Scope
from hinode.studio.accounts.types import ADMIN

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for; people see it in lists.")],
    account: Annotated[str, typer.Option(help="Account that the key belongs to.")] = ADMIN,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What it may be used for; repeat it. [default: all but admin and test]"),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make a key and print it, once: only its digest is kept.

    When the output is not a terminal it is the key alone, for scripts: KEY=$(hinode key create ci).
    """
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with options.operating(data, database) as operator:
        made = operator.create_key(
            account, name, scopes=frozenset(scope or DEFAULT_SCOPES), expires_at=expires
        )
    typer.echo(made.secret)
    if sys.stdout.isatty():
        typer.echo("Keep it now: it is not shown again.", err=True)


@app.command("list")
def list_keys(data: options.Data = None, database: options.Database = None) -> None:
    """List all keys, without their secrets."""
    with options.operating(data, database) as operator:
        rows = [
            (str(key.id), owner.name, key.name, key.hint, _state(key), " ".join(sorted(key.scopes)))
            for key, owner in operator.list_keys()
        ]
    print_table(("id", "account", "name", "key", "state", "scopes"), rows)


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, name, hint, or the key itself.")],
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Revoke a key; it stops working at once."""
    with options.operating(data, database) as operator:
        gone = operator.revoke_key(key)
    typer.echo(f"Revoked '{gone.name}' ({gone.hint}).", err=True)


def _state(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "usable"
    word = "expired" if key.expires_at <= datetime.now(UTC) else "until"
    return f"{word} {key.expires_at:%Y-%m-%d}"
