"""`hinode serve --processes N`: N servers, and the worker in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import structlog
import typer

from hinode.api.metrics import share_metrics
from hinode.cli.process_group import ProcessGroup
from hinode.cli.rendering import run_worker
from hinode.cli.server import run_server
from hinode.components import prepare_folder
from hinode.config.settings import Settings

_SQLITE = (
    "Note: SQLite takes one write at a time, whichever process it comes from; with PostgreSQL "
    "(--database) the processes write side by side."
)
_LIMITS = (
    "Note: each process counts requests per minute for itself; with Redis (the setting redis) "
    "they count together."
)
log = structlog.get_logger("hinode.server")


def run_servers(settings: Settings, listener: socket.socket) -> None:
    """Serve in several processes until SIGTERM or SIGINT; see :class:`ProcessGroup`."""
    prepare_folder(settings)
    folder = _metrics_folder(settings.data / "metrics")
    share_metrics(folder)
    served = settings.model_copy(update={"workers": False})
    ready, tell_ready = os.pipe()

    def tell(text: str) -> None:
        typer.echo(text, err=True)
        os.write(tell_ready, b"1")

    group = ProcessGroup(settings.shutdown_seconds)
    group.add("server 1", lambda: run_server(served, listener, tell))
    if settings.workers:
        group.add("worker", lambda: run_worker(settings))
    for number in range(2, settings.processes + 1):
        group.add(f"server {number}", lambda: run_server(served, listener))
    for note in _notes(settings):
        typer.echo(note, err=True)
    in_child = group.run(ready)
    if in_child is not None:
        in_child()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _notes(settings: Settings) -> list[str]:
    return [
        *([_SQLITE] if settings.database_url.startswith("sqlite") else []),
        *([] if settings.redis else [_LIMITS]),
    ]


def _metrics_folder(parent: Path) -> Path:
    """Make the folder of this group's metrics, and remove those of groups that were killed."""
    parent.mkdir(exist_ok=True, mode=0o700)
    for left in parent.iterdir():
        if not Path(f"/proc/{left.name}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
