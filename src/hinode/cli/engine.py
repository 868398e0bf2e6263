"""`hinode engine`: list, start, drain and stop engines; their accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import engine_account, options
from hinode.cli.audit import record_command
from hinode.cli.output import print_json, print_list
from hinode.core.engines.types import AdminState

if TYPE_CHECKING:
    from hinode.config.settings import Settings
    from hinode.core.engines.admin import EngineAdmin, EngineStatus

app = typer.Typer(help="List, start, drain and stop engines; their accounts.", no_args_is_help=True)
app.add_typer(engine_account.app, name="account")

Name = Annotated[str, typer.Argument(help="The engine's name, as in hinode.toml.")]


@app.command("list")
def list_engines(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """List the engines: admin state, jobs, health and last failure."""
    with _engine_admin(data, database) as admin:
        found = admin.engines()
    untried = _untried(options.read_settings(data, database))
    head = ("engine", "admin_state", "queued", "running", "credits today", "health")
    print_list(
        found,
        head,
        lambda one: _row(one, untried=one.state.name in untried),
        _object,
        as_json=as_json,
    )


@app.command("start")
def start(
    name: Name,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Open an engine for jobs again and clear its failures."""
    _set_state(name, AdminState.OPEN, data, database, as_json=as_json)


@app.command("drain")
def drain(
    name: Name,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Give an engine no new jobs; those already queued for it are still rendered."""
    _set_state(name, AdminState.DRAINING, data, database, as_json=as_json)


@app.command("stop")
def stop(
    name: Name,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Start no more jobs on an engine; queued ones wait, or go to the model's other engines."""
    _set_state(name, AdminState.STOPPED, data, database, as_json=as_json)


def _set_state(
    name: str,
    admin_state: AdminState,
    data: options.Data,
    database: options.Database,
    *,
    as_json: bool,
) -> None:
    with _engine_admin(data, database) as admin:
        one = admin.set_admin_state(name, admin_state)
    left = f"{one.queued} queued, {one.running} running"
    typer.echo(f"The engine '{name}' is {admin_state} now ({left}).", err=True)
    if as_json:
        print_json(_object(one))


def _object(one: EngineStatus) -> dict[str, Any]:
    from hinode.api.admin.engines import engine_object

    return engine_object(one)


@contextmanager
def _engine_admin(data: options.Data, database: options.Database) -> Iterator[EngineAdmin]:
    from hinode.components import build_catalog, with_published
    from hinode.core.engines.admin import EngineAdmin
    from hinode.core.engines.presence import EnginePresence
    from hinode.core.jobs.accounting import unfinished_by_engine
    from hinode.core.timekeeping.shared_clock import shared_clock

    settings = options.read_settings(data, database)
    with options.open_database(settings) as db:
        catalog = build_catalog(with_published(settings, db))
        record_command(db)
        yield EngineAdmin(db, catalog, shared_clock(db), unfinished_by_engine, EnginePresence())


def _untried(settings: Settings) -> frozenset[str]:
    """Return the engines whose kind was never run against the real service."""
    from hinode.engines.kinds import kind_of

    kinds = {name: kind_of(given) for name, given in settings.engines.items()}
    return frozenset(name for name, kind in kinds.items() if kind is not None and kind.untried)


def _row(one: EngineStatus, *, untried: bool) -> tuple[str, ...]:
    health = "ready" if one.state.offered_at else "no worker has offered it"
    if one.state.failures:
        cooldown = f", cooldown {one.cooldown_s:.0f} s" if one.cooldown_s else ", to be retried"
        health = f"{one.state.failures} failures{cooldown}: {one.state.reason or ''}"
    if untried:
        health += " (kind never run against the real service)"
    numbers = (str(one.queued), str(one.running), str(one.credits_today or ""))
    return (one.state.name, one.state.admin_state, *numbers, health)
