"""`hinode config`: the settings in force, where each came from, and those of all hosts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from hinode.cli import options
from hinode.cli.audit import record_command
from hinode.cli.output import print_json, print_list

if TYPE_CHECKING:
    from hinode.config.origins import SettingOrigin
    from hinode.config.settings import Settings
    from hinode.core.cluster.published_settings import PublishedSettings

app = typer.Typer(
    help="Show the settings in force; publish those that all hosts share.", no_args_is_help=True
)


@app.command("show")
def show(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Show every setting with its value and where it came from; secrets are hidden."""
    from hinode.config.origins import setting_origins

    settings = options.read_settings(data, database)
    published = _published(settings)
    in_force = settings.model_copy(update=published)
    found = setting_origins(in_force, {"data": data, "database": database}, published)
    print_list(found, ("setting", "value", "from"), _row, _object, as_json=as_json)


@app.command("publish")
def publish(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Give this host's models, prices, plans and limits to all hosts of the database.

    They count instead of each host's own from its next start on; secrets, engines, addresses and
    bounds of connections stay each host's.
    """
    from hinode.components import build_catalog
    from hinode.config.shared import SHARED, to_document

    settings = options.read_settings(data, database)
    build_catalog(settings)  # raises for models that no host could serve
    document = to_document(settings)
    with _publication(settings) as place:
        place.publish(document)
    typer.echo(f"Published: {', '.join(SHARED)}.", err=True)
    typer.echo("Restart the other hosts' servers and workers, one after the other.", err=True)
    if as_json:
        print_json(json.loads(document))


@app.command("withdraw")
def withdraw(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Let every host go by its own settings again, from its next start on."""
    with _publication(options.read_settings(data, database)) as place:
        was_published = place.withdraw()
    typer.echo("Withdrawn." if was_published else "Nothing was published.", err=True)
    if as_json:
        print_json({"withdrawn": was_published})


@contextmanager
def _publication(settings: Settings) -> Iterator[PublishedSettings]:
    from hinode.core.cluster.published_settings import PublishedSettings
    from hinode.kit.clock import SystemClock

    with options.open_database(settings) as db:
        record_command(db)
        yield PublishedSettings(db, SystemClock())


def _published(settings: Settings) -> dict[str, Any]:
    """Return the published settings; none, with a warning, when the database is away."""
    from sqlalchemy.exc import SQLAlchemyError

    from hinode.config.shared import from_document

    try:
        with _publication(settings) as place:
            found = place.read()
    except (SQLAlchemyError, OSError):
        typer.echo("Warning: no answer from the database; published settings are missing", err=True)
        return {}
    return {} if found is None else from_document(found.document)


def _row(one: SettingOrigin) -> tuple[str, ...]:
    value = one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False)
    return (one.name, value, f"{one.source} {one.place}" if one.place else one.source)


def _object(one: SettingOrigin) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "source": one.source, "place": one.place}
