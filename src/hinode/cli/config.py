"""`hinode config`: the settings in force, and where each came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from hinode.cli import options
from hinode.cli.output import print_list

if TYPE_CHECKING:
    from hinode.config.origins import SettingOrigin

app = typer.Typer(help="Show the settings in force.", no_args_is_help=True)


@app.command("show")
def show(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Show every setting with its value and where it came from; secrets are hidden."""
    from hinode.config.origins import setting_origins

    settings = options.read_settings(data, database)
    found = setting_origins(settings, {"data": data, "database": database})
    print_list(found, ("setting", "value", "from"), _row, _object, as_json=as_json)


def _row(one: SettingOrigin) -> tuple[str, ...]:
    value = one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False)
    return (one.name, value, f"{one.source} {one.place}" if one.place else one.source)


def _object(one: SettingOrigin) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "source": one.source, "place": one.place}
