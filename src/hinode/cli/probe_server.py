"""The listener of a worker, beside its work: probes and metrics in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn
from starlette.applications import Starlette

from hinode.api.http1.server_config import server_config
from hinode.cli.listener import listen
from hinode.config.settings import Settings
from hinode.kit.listen_address import parse_listen_address

_STOP_SECONDS = 5.0


def open_listener(settings: Settings) -> socket | None:
    """Return the socket of the setting ``worker_listen``, None without it."""
    if not settings.worker_listen:
        return None
    host, port = parse_listen_address(settings.worker_listen)
    return listen(host, port, "Choose another with --listen.")


@contextmanager
def serving_probes(
    listener: socket | None, build: Callable[[], Starlette], settings: Settings
) -> Iterator[None]:
    """Serve the application while the block runs; without a listener, nothing."""
    if listener is None:
        yield
        return
    server = uvicorn.Server(server_config(build(), settings))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="hinode-probes", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
