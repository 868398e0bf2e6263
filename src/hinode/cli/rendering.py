"""Run the worker process: services, workflows, and its own listener if it has one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection
from datetime import timedelta

import typer

from hinode.api.openai.batch_lines import BatchRequests
from hinode.app import build_context, create_probes
from hinode.cli.last_exit import end_at_the_latest
from hinode.cli.probe_server import open_listener, serving_probes
from hinode.cli.store_check import check_store_at_start
from hinode.components import temporary_folder
from hinode.config.settings import Settings
from hinode.kit.child_watcher import watch_children_by_pidfd
from hinode.kit.temporary_files import use_temporary_folder
from hinode.services import open_services
from hinode.worker import build_worker


def run_worker(settings: Settings, engine_names: Collection[str] = ()) -> None:
    """Render until SIGTERM or SIGINT, with these engines only if any are named."""
    listener = open_listener(settings)
    services = open_services(settings, engine_names=engine_names)
    use_temporary_folder(temporary_folder(settings))
    watch_children_by_pidfd()
    check_store_at_start(services.store)
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
