"""`hinode secret`: the secret that all hosts of a database share, and the keys below it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.audit import record_command
from hinode.cli.output import print_json, print_table

if TYPE_CHECKING:
    from hinode.core.cluster.secret_service import SecretService
    from hinode.core.cluster.types import ClusterKey

app = typer.Typer(
    help="The secret that all hosts of one database share: show, rotate, change.",
    no_args_is_help=True,
)


@app.command("show")
def show(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Tell where this host has its secret, and list the keys that it opens; none is shown."""
    settings = options.read_settings(data, database)
    with _secrets(data, database) as service:
        opens, keys = service.secret_ids(), service.stored_keys()
        own = service.keyring.secret.id
    place = "the setting secret" if settings.secret.get_secret_value() else settings.secret_file
    if as_json:
        others = [other[:8] for other in sorted(opens - {own})]
        found = {"secret": own[:8], "place": str(place), "old_secrets": others}
        print_json({**found, "keys": [_object(key) for key in keys]})
        return
    typer.echo(f"secret {own[:8]} from {place}")
    for other in sorted(opens - {own}):
        typer.echo(f"secret {other[:8]} opens the database too: run `hinode secret finish`")
    print_table(("purpose", "key", "signs from", "honoured until"), [_row(key) for key in keys])


@app.command("rotate")
def rotate(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="After a leak: end all links and tokens, and trust of old files, now."
        ),
    ] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Replace all keys below the secret while everything runs.

    Old links, tokens and signatures stay valid for their time; workers encrypt stored secrets
    anew within two hours.
    """
    with _secrets(data, database) as service:
        signs_at = service.rotate(at_once=at_once)
    typer.echo(f"New keys sign from {signs_at:%H:%M:%S} UTC on.", err=True)
    if as_json:
        print_json({"signs_at": int(signs_at.timestamp())})


@app.command("change")
def change(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Make a new secret, and print it; the old one works too until `hinode secret finish`."""
    from hinode.kit.cluster_secret import new_secret, write_secret

    settings = options.read_settings(data, database)
    new = new_secret()
    with _secrets(data, database) as service:
        service.change(new)
    if as_json:
        print_json({"secret": new.text})
    else:
        typer.echo(new.text)
    if not settings.secret.get_secret_value():
        write_secret(settings.secret_file, new)
        typer.echo(f"It is in {settings.secret_file} already.", err=True)
    typer.echo(
        "Give it to every host, restart these one after the other, then run "
        "`hinode secret finish` on one of them.",
        err=True,
    )


@app.command("finish")
def finish(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """End the old secret after a change: hosts that still have it cannot start any more."""
    with _secrets(data, database) as service:
        own = service.keyring.secret.id
        if not yes:
            question = f"Do all hosts have the secret {own[:8]}, and were they restarted?"
            typer.confirm(question, abort=True, err=True)
        ended = service.finish()
    typer.echo("The old secret has ended." if ended else "There was no old secret.", err=True)
    if as_json:
        print_json({"deleted_keys": ended})


def _row(key: ClusterKey) -> tuple[str, ...]:
    return (
        key.purpose.value,
        key.id,
        f"{key.signs_at:%Y-%m-%d %H:%M} UTC",
        f"{key.honoured_until:%Y-%m-%d %H:%M} UTC" if key.honoured_until else "",
    )


def _object(key: ClusterKey) -> dict[str, Any]:
    until = key.honoured_until
    return {
        "purpose": key.purpose.value,
        "id": key.id,
        "signs_at": int(key.signs_at.timestamp()),
        "honoured_until": int(until.timestamp()) if until else None,
    }


@contextmanager
def _secrets(data: options.Data, database: options.Database) -> Iterator[SecretService]:
    from hinode.components import open_keys, with_published
    from hinode.core.auth.sessions import longest_access
    from hinode.core.cluster.secret_service import SecretService
    from hinode.core.cluster.types import KeyPurpose
    from hinode.kit.clock import SystemClock

    settings = options.read_settings(data, database)
    with options.open_database(settings) as db:
        hours = with_published(settings, db).access_token_hours
        with db.read() as conn:
            access = longest_access(conn, timedelta(hours=hours))
        keyring = open_keys(settings, db, SystemClock())
        lifetimes = {KeyPurpose.LINKS: timedelta(hours=24), KeyPurpose.TOKENS: access}
        record_command(db)
        yield SecretService(keyring, lifetimes)
