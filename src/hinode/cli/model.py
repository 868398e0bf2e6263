"""`hinode model`: what can be asked for."""

from __future__ import annotations

import typer

from hinode.cli import options
from hinode.cli.tables import print_table

app = typer.Typer(help="List the models that are served.", no_args_is_help=True)


@app.command("list")
def list_models(data: options.Data = None, database: options.Database = None) -> None:
    """List the models with their engines, sizes, lengths and prices."""
    from hinode.foundation import build_catalog

    catalog = build_catalog(options.read_settings(data, database))
    rows = [
        (
            model.id,
            model.engine,
            " ".join(str(size) for size in model.sizes),
            " ".join(str(seconds) for seconds in model.seconds),
            f"{model.price}/s",
        )
        for model in catalog.models()
    ]
    print_table(("model", "engine", "sizes", "seconds", "credits"), rows)
