"""`hinode worker`: a worker without a server."""

from __future__ import annotations

from typing import Annotated

import typer

from hinode.cli import options


def worker(
    data: options.Data = None,
    database: options.Database = None,
    storage: options.Storage = None,
    engines: Annotated[
        str, typer.Option(help="Engines to render with, as a,b,c. [default: all that are here]")
    ] = "",
    listen: Annotated[
        str | None,
        typer.Option(help="host:port of /healthz, /readyz and /metrics. [default: nowhere]"),
    ] = None,
) -> None:
    """Render the jobs of this database until SIGTERM; run as many workers as you like.

    On another host it needs the database (--database), the object store (--storage), the secret
    (HINODE_SECRET) and its own engines' settings, nothing else.
    """
    settings = options.read_settings(data, database, storage=storage, worker_listen=listen)
    from hinode.cli.rendering import run_worker

    run_worker(settings, tuple(filter(None, map(str.strip, engines.split(",")))))
