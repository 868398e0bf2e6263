"""`hinode engine account`: upstream accounts; their tokens are never shown."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hinode.cli import options
from hinode.cli.audit import record_command
from hinode.cli.output import print_json, print_list
from hinode.core.upstreams import export_format
from hinode.core.upstreams.export_format import ImportMode
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate
from hinode.upstream_accounts import TokenSet

if TYPE_CHECKING:
    from hinode.config.settings import Settings
    from hinode.core.upstreams.service import UpstreamAccountView, UpstreamService

app = typer.Typer(
    help="Add, list, test, export and import upstream accounts.", no_args_is_help=True
)

Engine = Annotated[str, typer.Argument(help="The engine's name, as in hinode.toml.")]
AccountId = Annotated[UUID, typer.Argument(metavar="ID", help="The account, as in the list.")]
Offline = Annotated[bool, typer.Option("--offline", help="Do not check it at the server now.")]
_HEAD = ("id", "engine", "account", "state", "plan", "left", "expires", "running", "made", "reason")


@app.command("add")
def add(
    engine: Engine,
    access: Annotated[
        bool, typer.Option("--access-token-stdin", help="Read an access token (AT) from stdin.")
    ] = False,
    session: Annotated[
        bool, typer.Option("--session-token-stdin", help="Read a session token (ST) from stdin.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh-token-stdin", help="Read a refresh token (RT) from stdin.")
    ] = False,
    client_id: Annotated[
        str | None, typer.Option(help="OAuth client of the refresh token.")
    ] = None,
    label: Annotated[str, typer.Option(help="A note of yours.")] = "",
    videos: Annotated[int, typer.Option(min=-1, help="Videos at once; -1: any number.")] = 3,
    images: Annotated[int, typer.Option(min=-1, help="Pictures at once; -1: any number.")] = 3,
    offline: Offline = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Add an account by one of its tokens; without an option, prompt for an access token.

    A known account, by its e-mail address, gets the new token and is used again.
    """
    if access + session + refresh > 1:
        raise typer.BadParameter("give one of the three --…-token-stdin options")
    kind = "session" if session else "refresh" if refresh else "access"
    tokens = _tokens(kind, _read_token(prompt=not (access or session or refresh)), client_id)
    new = UpstreamAccountCreate(engine, tokens, label, slots=Slots(videos, images))
    with _open_context(data, database) as opened:
        added = opened.upstreams.add(new).account.id
        if not as_json:
            typer.echo(str(added))
        if not offline:
            _check(opened, added)
        if as_json:
            print_json(_object(opened.upstreams.view(added)))


@app.command("list")
def list_accounts(
    engine: Annotated[str | None, typer.Argument(help="Only accounts of this engine.")] = None,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List accounts: state, plan, videos left, expiry, running and finished jobs, last error."""
    with _open_context(data, database) as opened:
        print_list(opened.upstreams.all(engine), _HEAD, _row, _object, as_json=as_json)


@app.command("disable")
def disable(
    account: AccountId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Give an account no more jobs; its running ones are finished."""
    _set_enabled(account, data, database, on=False, as_json=as_json)


@app.command("enable")
def enable(
    account: AccountId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Use an account again and clear its errors."""
    _set_enabled(account, data, database, on=True, as_json=as_json)


@app.command("remove")
def remove(
    account: AccountId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Delete an account and its tokens."""
    with _open_context(data, database) as opened:
        gone = opened.upstreams.remove(account)
    typer.echo(f"Removed {_name(gone)} of '{gone.account.engine}'.", err=True)
    if as_json:
        print_json(_object(gone))


@app.command("test")
def check(
    account: AccountId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Check an account at the server: its e-mail address, plan and quota."""
    with _open_context(data, database) as opened:
        opened.upstreams.view(account)
        works = _check(opened, account)
        if as_json:
            print_json(_object(opened.upstreams.view(account)))
    if not works:
        raise typer.Exit(1)


@app.command("export")
def export(
    engine: Engine,
    with_tokens: Annotated[
        bool, typer.Option("--with-tokens", help="Yes, write the tokens in plain text.")
    ] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Write an engine's accounts with their tokens as JSON to stdout, for `import`."""
    if not with_tokens:
        question = "This writes tokens in plain text. Continue?"
        if not (sys.stdin.isatty() and typer.confirm(question, err=True)):
            raise typer.BadParameter("add --with-tokens: whoever has the file can use the accounts")
    with _open_context(data, database) as opened:
        found = [export_format.written(*one) for one in opened.upstreams.export(engine)]
    typer.echo(json.dumps(found, indent=2))


@app.command("import")
def import_accounts(
    engine: Engine,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An export as JSON.")],
    mode: Annotated[
        ImportMode,
        typer.Option(help="offline: store the tokens unchecked; at, st, rt: check by that token."),
    ] = ImportMode.OFFLINE,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Add the accounts of an export of Hinode or sora2api; known ones get the new tokens."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise typer.BadParameter("it is no JSON", param_hint="FILE") from None
    with _open_context(data, database) as opened:
        added = [opened.upstreams.add(one) for one in export_format.read(value, engine, mode)]
        for one in added:
            if mode is not ImportMode.OFFLINE:
                _check(opened, one.account.id)
        if as_json:
            print_json([_object(opened.upstreams.view(one.account.id)) for one in added])
    typer.echo(f"Imported {len(added)} account(s) of '{engine}'.", err=True)


def _set_enabled(
    account: UUID, data: Path | None, database: str | None, *, on: bool, as_json: bool
) -> None:
    from hinode.core.upstreams.service import UpstreamAccountUpdate

    with _open_context(data, database) as opened:
        now = opened.upstreams.change(account, UpstreamAccountUpdate(enabled=on))
    typer.echo(f"{_name(now)} of '{now.account.engine}' is now {now.state}.", err=True)
    if as_json:
        print_json(_object(now))


def _check(opened: _Commands, account: UUID) -> bool:
    """Check an account at the server and print the result; False when it does not work."""
    from hinode.engines.base import SupportsAccounts
    from hinode.engines.registry import installed_engines

    name = opened.upstreams.view(account).account.engine
    table = {one: given for one, given in opened.settings.engines.items() if one == name}
    engines = {one.name: one for one in installed_engines(table, opened.upstreams.pool).all()}
    engine = engines.get(name)
    if not isinstance(engine, SupportsAccounts):
        typer.echo(f"The engine '{name}' is not in the settings any more.", err=True)
        return False
    problem = asyncio.run(engine.check_account(account))
    now = opened.upstreams.view(account)
    if problem is not None:
        typer.echo(f"{_name(now)} does not work: {problem}", err=True)
        return False
    plan, left = now.account.plan or "no known", now.account.videos_left
    many = "any number of" if left is None else str(left)
    typer.echo(f"{_name(now)} works: plan {plan}, {many} videos left.", err=True)
    return True


def _read_token(*, prompt: bool) -> str:
    if prompt and sys.stdin.isatty():
        return str(typer.prompt("Access token", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _tokens(kind: str, text: str, client_id: str | None) -> TokenSet:
    if kind == "session":
        return TokenSet(session=text)
    if kind == "refresh":
        return TokenSet(refresh=text, client_id=client_id)
    return TokenSet(access=text)


def _object(one: UpstreamAccountView) -> dict[str, Any]:
    from hinode.api.admin.engines import engine_account_object

    return engine_account_object(one)


def _row(one: UpstreamAccountView) -> tuple[str, ...]:
    account = one.account
    return (
        str(account.id),
        account.engine,
        _name(one),
        one.state,
        account.plan or "",
        "" if account.videos_left is None else str(account.videos_left),
        _timestamp(account.expires_at) + (" (renewed)" if account.renewable else ""),
        f"{one.videos} videos, {one.images} pictures",
        f"{account.videos_made} videos, {account.images_made} pictures",
        account.reason or "",
    )


def _name(one: UpstreamAccountView) -> str:
    return one.account.label or one.account.email or str(one.account.id)


def _timestamp(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"


@dataclass(frozen=True, slots=True)
class _Commands:
    """The services that the commands work with."""

    settings: Settings
    upstreams: UpstreamService


@contextmanager
def _open_context(data: Path | None, database: str | None) -> Iterator[_Commands]:
    """Open the database for one command, beside a running server or without one."""
    from hinode.components import engines_with_accounts, open_keys
    from hinode.core.cluster.keyring import ClusterKeySource
    from hinode.core.cluster.types import KeyPurpose
    from hinode.core.timekeeping.shared_clock import shared_clock
    from hinode.core.upstreams.service import UpstreamService
    from hinode.kit.clock import SystemClock
    from hinode.kit.secret_box import SecretBox

    settings = options.read_settings(data, database)
    engines = engines_with_accounts(settings)
    with options.open_database(settings) as db:
        keyring = open_keys(settings, db, SystemClock())
        secret_box = SecretBox(ClusterKeySource(keyring, KeyPurpose.ENCRYPTION))
        record_command(db)
        yield _Commands(settings, UpstreamService(db, secret_box, shared_clock(db), engines))
