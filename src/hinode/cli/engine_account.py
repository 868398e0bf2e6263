"""`hinode engine account`: the accounts at the servers of engines, their tokens never shown."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hinode.cli import options
from hinode.cli.tables import print_table
from hinode.core.upstreams import portable
from hinode.core.upstreams.portable import ImportMode
from hinode.core.upstreams.types import NewUpstreamAccount, Slots, Tokens

if TYPE_CHECKING:
    from hinode.config.settings import Settings
    from hinode.core.account_pool import AccountPool
    from hinode.core.upstream_desk import UpstreamDesk, UpstreamView

app = typer.Typer(help="Add, list, test and hand over accounts at servers.", no_args_is_help=True)

Engine = Annotated[str, typer.Argument(help="The engine's name, as in hinode.toml.")]
AccountId = Annotated[UUID, typer.Argument(metavar="ID", help="The account, as in the list.")]
Offline = Annotated[bool, typer.Option("--offline", help="Do not ask the server about it now.")]
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
        str | None, typer.Option(help="The program that the refresh token was given to.")
    ] = None,
    label: Annotated[str, typer.Option(help="A note of yours.")] = "",
    videos: Annotated[int, typer.Option(min=-1, help="Videos at once; -1: any number.")] = 3,
    images: Annotated[int, typer.Option(min=-1, help="Pictures at once; -1: any number.")] = 3,
    offline: Offline = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Add an account by one of its tokens; without an option the token is asked for.

    An account whose e-mail address is known already gets the new token and is ready again.
    """
    if access + session + refresh > 1:
        raise typer.BadParameter("give one of the three --…-token-stdin options")
    kind = "session" if session else "refresh" if refresh else "access"
    tokens = _tokens(kind, _read_token(asked=not (access or session or refresh)), client_id)
    new = NewUpstreamAccount(engine, tokens, label, slots=Slots(videos, images))
    with _opened(data, database) as office:
        added = office.desk.add(new)
        typer.echo(str(added.account.id))
        if not offline:
            _look(office, added.account.id)


@app.command("list")
def list_accounts(
    engine: Annotated[str | None, typer.Argument(help="Only those of this engine.")] = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List accounts: state, plan, videos left, expiry, running and made jobs, what went wrong."""
    with _opened(data, database) as office:
        print_table(_HEAD, [_row(one) for one in office.desk.all(engine)])


@app.command("disable")
def disable(
    account: AccountId, data: options.Data = None, database: options.Database = None
) -> None:
    """Give an account no more jobs; those that it has are finished."""
    _switch(account, data, database, on=False)


@app.command("enable")
def enable(
    account: AccountId, data: options.Data = None, database: options.Database = None
) -> None:
    """Use an account again, and forget what went wrong with it."""
    _switch(account, data, database, on=True)


@app.command("remove")
def remove(
    account: AccountId, data: options.Data = None, database: options.Database = None
) -> None:
    """Forget an account and its tokens."""
    with _opened(data, database) as office:
        gone = office.desk.remove(account)
    typer.echo(f"Removed {_name(gone)} of '{gone.account.engine}'.", err=True)


@app.command("test")
def ask_about(
    account: AccountId, data: options.Data = None, database: options.Database = None
) -> None:
    """Ask the server who an account is, its plan and what it may still make."""
    with _opened(data, database) as office:
        office.desk.view(account)
        if not _look(office, account):
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
    """Write an engine's accounts with their tokens as JSON to stdout, to be imported elsewhere."""
    if not with_tokens:
        question = "This writes tokens in plain text. Go on?"
        if not (sys.stdin.isatty() and typer.confirm(question, err=True)):
            raise typer.BadParameter("say --with-tokens: whoever has the file has the accounts")
    with _opened(data, database) as office:
        found = [portable.written(*one) for one in office.desk.export(engine)]
    typer.echo(json.dumps(found, indent=2))


@app.command("import")
def import_accounts(
    engine: Engine,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An export as JSON.")],
    mode: Annotated[
        ImportMode, typer.Option(help="offline: all tokens, ask nobody; at, st, rt: by that one.")
    ] = ImportMode.OFFLINE,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Add the accounts of an export of Hinode or sora2api; known ones get the new tokens."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise typer.BadParameter("it is no JSON", param_hint="FILE") from None
    with _opened(data, database) as office:
        added = [office.desk.add(one) for one in portable.read(value, engine, mode)]
        for one in added:
            if mode is not ImportMode.OFFLINE:
                _look(office, one.account.id)
    typer.echo(f"Imported {len(added)} account(s) of '{engine}'.", err=True)


def _switch(account: UUID, data: Path | None, database: str | None, *, on: bool) -> None:
    from hinode.core.upstream_desk import UpstreamChange

    with _opened(data, database) as office:
        now = office.desk.change(account, UpstreamChange(enabled=on))
    typer.echo(f"{_name(now)} of '{now.account.engine}' is {now.state} now.", err=True)


def _look(office: _Office, account: UUID) -> bool:
    """Ask the server about an account and tell; False when it does not work."""
    from hinode.engines.sora.settings import SoraEngineSettings
    from hinode.workflows.account_check import check_account

    name = office.desk.view(account).account.engine
    given = office.settings.engines.get(name)
    if not isinstance(given, SoraEngineSettings):
        typer.echo(f"The engine '{name}' is not in the settings any more.", err=True)
        return False
    trouble = asyncio.run(check_account(name, given, office.pool, account))
    now = office.desk.view(account)
    if trouble is not None:
        typer.echo(f"{_name(now)} does not work: {trouble}", err=True)
        return False
    plan, left = now.account.plan or "no known", now.account.videos_left
    many = "any number of" if left is None else str(left)
    typer.echo(f"{_name(now)} works: plan {plan}, {many} videos left.", err=True)
    return True


def _read_token(*, asked: bool) -> str:
    if asked and sys.stdin.isatty():
        return str(typer.prompt("Access token", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _tokens(kind: str, text: str, client_id: str | None) -> Tokens:
    if kind == "session":
        return Tokens(session=text)
    if kind == "refresh":
        return Tokens(refresh=text, client_id=client_id)
    return Tokens(access=text)


def _row(one: UpstreamView) -> tuple[str, ...]:
    account = one.account
    return (
        str(account.id),
        account.engine,
        _name(one),
        one.state,
        account.plan or "",
        "" if account.videos_left is None else str(account.videos_left),
        _moment(account.expires_at) + (" (renewed)" if account.renewable else ""),
        f"{one.videos} videos, {one.images} pictures",
        f"{account.videos_made} videos, {account.images_made} pictures",
        account.reason or "",
    )


def _name(one: UpstreamView) -> str:
    return one.account.label or one.account.email or str(one.account.id)


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"


@dataclass(frozen=True, slots=True)
class _Office:
    """The services and settings that the commands use."""

    settings: Settings
    desk: UpstreamDesk
    pool: AccountPool


@contextmanager
def _opened(data: Path | None, database: str | None) -> Iterator[_Office]:
    """Open the database for one command, beside a running server or without one."""
    from hinode.components import engines_with_accounts, open_database, prepare_folder
    from hinode.core.account_pool import AccountPool
    from hinode.core.upstream_desk import UpstreamDesk
    from hinode.kit.clock import SystemClock
    from hinode.kit.sealing import KEY_FILE, load_sealer

    settings, clock = options.read_settings(data, database), SystemClock()
    prepare_folder(settings)
    sealer = load_sealer(settings.data / KEY_FILE)
    db = open_database(settings)
    try:
        desk = UpstreamDesk(db, sealer, clock, engines_with_accounts(settings))
        yield _Office(settings, desk, AccountPool(db, sealer, clock))
    finally:
        db.dispose()
