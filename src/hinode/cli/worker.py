"""`hinode worker`: a worker without a server."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.last_exit import end_at_the_latest


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
    from hinode.api.openai.batch_lines import BatchRequests
    from hinode.app import build_context, create_probes
    from hinode.cli.probe_server import open_listener, serving_probes
    from hinode.components import temporary_folder
    from hinode.kit.child_watcher import watch_children_by_pidfd
    from hinode.kit.temporary_files import use_temporary_folder
    from hinode.services import open_services
    from hinode.worker import build_worker

    listener = open_listener(settings)
    names = tuple(filter(None, map(str.strip, engines.split(","))))
    services = open_services(settings, engine_names=names)
    use_temporary_folder(temporary_folder(settings))
    watch_children_by_pidfd()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    context = build_context(services)
    runtime = build_worker(services, BatchRequests(context))
    try:
        with serving_probes(listener, lambda: create_probes(services, context, runtime), settings):
            runtime.start()
            typer.echo("Rendering; stop it with Ctrl-C.", err=True)
            stop.wait()
            end_at_the_latest(settings.shutdown_seconds)
            runtime.stop(timedelta(seconds=settings.finishing_seconds))
    finally:
        services.close()
