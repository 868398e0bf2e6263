"""`hinode account token, logout, invite, password, set`: log-in and profile of accounts."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options
from hinode.cli.account import print_account
from hinode.cli.output import print_json
from hinode.core.accounts.types import Plan, Role
from hinode.core.auth.types import Scope

if TYPE_CHECKING:
    from hinode.core.auth.session_service import IssuedTokens

Name = Annotated[str, typer.Argument(help="The account's name.")]
_MAX_DAYS = 3_650


def token(
    name: Name,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MAX_DAYS,
            help="Days until the access token expires, and each renewed one. [default: setting "
            "access_token_hours]",
        ),
    ] = None,
    scopes: Annotated[
        list[Scope] | None,
        typer.Option("--scope", help="Also a part of /v1, such as videos; repeatable."),
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="Print the session and the refresh token, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Create a session of the Sora dialect and print its access token, once.

    AT=$(hinode account token NAME --days 30). `hinode account logout NAME` ends it.
    """
    with options.session_service(data, database) as sessions:
        lasts = None if days is None else timedelta(days=days)
        made = sessions.issue(name, lasts, frozenset(scopes or ()))
    if as_json:
        print_json(_token_fields(made))
    elif show_all:
        for label, value in _token_fields(made).items():
            typer.echo(f"{label}\t{value}")
    else:
        typer.echo(made.access.secret)
    if sys.stdout.isatty():
        typer.echo("Keep it now: it is not shown again.", err=True)


def logout(name: Name, data: options.Data = None, database: options.Database = None) -> None:
    """End all sessions of an account; its API keys keep working."""
    with options.session_service(data, database) as sessions:
        ended = sessions.end_all(name)
    typer.echo(f"Ended {ended} session(s) of '{name}'.", err=True)


def invite(
    name: Name,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Print an account's invite code, with which other people can sign up."""
    with options.account_admin(data, database) as admin:
        own = admin.invites(name)
    if as_json:
        print_json({"code": own.code, "redeemed": own.redeemed, "total": own.total})
        return
    typer.echo(own.code)
    typer.echo(f"Redeemed {own.redeemed} of {own.total} times.", err=True)


def password(name: Name, data: options.Data = None, database: options.Database = None) -> None:
    """Set an account's password and end its sessions; prompt for it, or read it from stdin.

    For scripts: hinode account password NAME < file. The first line of the file is the password.
    """
    from hinode.core.jobs.account_admin import AccountUpdate

    given = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    with options.account_admin(data, database) as admin:
        admin.change(None, name, AccountUpdate(password=given))
    typer.echo(f"Set the password of '{name}'.", err=True)


def change(
    name: Name,
    plan: Annotated[Plan | None, typer.Option(help="Its plan.")] = None,
    role: Annotated[Role | None, typer.Option(help="Its role; another ends its sessions.")] = None,
    email: Annotated[str | None, typer.Option(help="Its e-mail address.")] = None,
    username: Annotated[
        str | None, typer.Option(help="Its name in the Sora dialect: 3 to 30 characters.")
    ] = None,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Change an account's plan, role, e-mail address or username."""
    from hinode.core.jobs.account_admin import AccountUpdate

    if plan is None and role is None and email is None and username is None:
        raise typer.BadParameter("give --plan, --role, --email or --username")
    wanted = AccountUpdate(plan=plan, role=role, email=email, username=username)
    with options.account_admin(data, database) as admin:
        view = admin.change(None, name, wanted)
    typer.echo(f"Changed '{view.account.name}' ({view.account.plan}).", err=True)
    print_account(view, as_json=as_json)


def _token_fields(made: IssuedTokens) -> dict[str, str | None]:
    return {
        "access_token": made.access.secret,
        "session_token": made.cookie,
        "refresh_token": made.refresh,
        "access_token_expires_at": made.access.expires_at.isoformat(),
        "session_expires_at": made.expires_at.isoformat(timespec="seconds"),
    }
