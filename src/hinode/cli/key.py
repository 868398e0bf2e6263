"""`hinode key`: create, list, disable and revoke API keys."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list
from hinode.core.accounts.types import ADMIN
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Priority, Scope

if TYPE_CHECKING:
    from hinode.core.auth.key_admin import KeyView

app = typer.Typer(help="Create, list, disable and revoke API keys.", no_args_is_help=True)

KeyName = Annotated[str, typer.Argument(help="The key's id, name, hint, or the key itself.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Purpose of the key, shown in lists.")],
    account: Annotated[str, typer.Option(help="Account that the key belongs to.")] = ADMIN,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="Scope of the key; repeatable. [default: all but admin and test]"),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    spend_hour: Annotated[
        int | None, typer.Option(min=0, help="Credits that it may spend in any 60 minutes.")
    ] = None,
    spend_day: Annotated[
        int | None, typer.Option(min=0, help="Credits that it may spend in any 24 hours.")
    ] = None,
    spend_total: Annotated[
        int | None, typer.Option(min=0, help="Credits that it may ever spend.")
    ] = None,
    per_minute: Annotated[
        int | None, typer.Option(min=1, help="Requests that it may make in any minute.")
    ] = None,
    max_unfinished: Annotated[
        int | None, typer.Option(min=1, help="Unfinished jobs that it may have.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Model that it may use; repeatable. [default: all]")
    ] = None,
    allow_ip: Annotated[
        list[str] | None,
        typer.Option(help="Address or network it may be used from; repeatable. [default: any]"),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse its requests with unknown fields (400).")
    ] = False,
    max_priority: Annotated[
        Priority, typer.Option(help="Highest priority that its jobs may have.")
    ] = Priority.NORMAL,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Its jobs go to no engine outside of the house.")
    ] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Create a key and print it, once: only its digest is stored.

    If stdout is not a terminal it gets the key alone, for scripts: KEY=$(hinode key create ci).
    """
    from hinode.core.auth.key_admin import KeyCreate

    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    limits = KeyLimits(
        spend_hour=spend_hour,
        spend_day=spend_day,
        spend_total=spend_total,
        per_minute=per_minute,
        max_unfinished=max_unfinished,
        models=tuple(model or ()),
        networks=read_networks(allow_ip or ()),
        max_priority=max_priority,
        local_only=local_only,
    )
    new = KeyCreate(account, name, frozenset(scope or DEFAULT_SCOPES), expires, limits, strict)
    with options.key_admin(data, database) as admin:
        made = admin.create(new)
    if as_json:
        print_json({**_object(made.view), "secret": made.secret})
    else:
        typer.echo(made.secret)
    if sys.stdout.isatty():
        typer.echo("Keep it now: it is not shown again.", err=True)


@app.command("list")
def list_keys(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """List all keys, without their secrets."""
    with options.key_admin(data, database) as admin:
        found = admin.every()
    head = ("id", "account", "name", "key", "state", "scopes", "limits")
    print_list(found, head, _row, _object, as_json=as_json)


@app.command("revoke")
def revoke(
    key: KeyName,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Revoke a key for good; it stops working at once."""
    with options.key_admin(data, database) as admin:
        view = admin.revoke(None, admin.find(key).id)
    _tell("Revoked", view, as_json=as_json)


@app.command("disable")
def disable(
    key: KeyName,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Disable a key until it is enabled again."""
    from hinode.core.auth import key_admin

    with options.key_admin(data, database) as admin:
        view = admin.change(None, admin.find(key).id, key_admin.disable)
    _tell("Disabled", view, as_json=as_json)


@app.command("enable")
def enable(
    key: KeyName,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Enable a disabled key."""
    from hinode.core.auth import key_admin

    with options.key_admin(data, database) as admin:
        view = admin.change(None, admin.find(key).id, key_admin.enable)
    _tell("Enabled", view, as_json=as_json)


def _tell(done: str, view: KeyView, *, as_json: bool) -> None:
    typer.echo(f"{done} '{view.key.name}' ({view.key.hint}).", err=True)
    if as_json:
        print_json(_object(view))


def _object(view: KeyView) -> dict[str, Any]:
    from hinode.api.admin.keys import key_object

    return key_object(view)


def _row(view: KeyView) -> tuple[str, ...]:
    key = view.key
    return (
        str(key.id),
        view.account.name,
        key.name,
        key.hint,
        _state(key),
        " ".join(sorted(key.scopes)),
        _rules(key),
    )


def _rules(key: Key) -> str:
    return ", ".join(filter(None, (describe(key.limits), "strict" if key.strict_fields else "")))


def describe(limits: KeyLimits) -> str:
    """Return limits as text for a list; empty without limits."""
    numbers = {
        "/hour": limits.spend_hour,
        "/day": limits.spend_day,
        " in total": limits.spend_total,
        " requests/min": limits.per_minute,
        " unfinished": limits.max_unfinished,
    }
    words = [f"{value}{unit}" for unit, value in numbers.items() if value is not None]
    priority = limits.max_priority
    words += [] if priority is Priority.NORMAL else [f"priority up to {priority}"]
    words += ["local only"] if limits.local_only else []
    return ", ".join([*words, *limits.models, *map(str, limits.networks)])


def _state(key: Key) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.disabled_at:
        return f"disabled {key.disabled_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "usable"
    word = "expired" if key.expires_at <= datetime.now(UTC) else "until"
    return f"{word} {key.expires_at:%Y-%m-%d}"
