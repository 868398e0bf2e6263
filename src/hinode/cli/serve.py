"""`hinode serve`: the server, with a worker unless told otherwise."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.listener import listen
from hinode.cli.server_port import record_port


def serve(
    data: options.Data = None,
    database: options.Database = None,
    storage: options.Storage = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0: any free one. [default: 8000]")
    ] = None,
    workers: Annotated[
        bool | None,
        typer.Option(
            "--workers/--no-workers", help="Render in this process too. [default: workers]"
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="Server processes on this port; from 2 on, and a worker's. [default: 1]",
        ),
    ] = None,
) -> None:
    """Serve the APIs; the first start creates the data folder, an admin account and a key."""
    settings = options.read_settings(
        data,
        database,
        storage=storage,
        host=host,
        port=port,
        workers=workers,
        processes=processes,
    )
    remedy = "Choose another with --port, or --port 0 for any free one."
    listener = listen(settings.host, settings.port, remedy)
    # Imported after the port is bound: the most common mistake is then reported at once.
    from hinode.components import prepare_folder

    prepare_folder(settings)
    record_port(settings.data, listener)
    if settings.processes > 1:
        from hinode.cli.server_group import run_servers

        run_servers(settings, listener)
    else:
        from hinode.cli.server import run_server

        run_server(settings, listener, partial(typer.echo, err=True))
