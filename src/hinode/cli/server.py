"""Run the server process: uvicorn over the app, and the first start's text."""

from __future__ import annotations

import gc
import resource
import signal
import socket
from functools import partial
from ipaddress import ip_network
from typing import Any

import typer
import uvicorn
from starlette.applications import Starlette

from hinode.api.bounded_http import BoundedHttpProtocol, ConnectionLimits, HeadLimits
from hinode.api.client_address import covers, read_address
from hinode.app import create_app
from hinode.cli.welcome import base_url, first_steps
from hinode.config.settings import Settings
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.services import open_services

KEEP_ALIVE_SECONDS = 75
GC_THRESHOLD = 10_000
MAX_OPEN_FILES = 65_536
RESERVED_FILES = 160
"""Open files kept from connections: the database, the object store, renders, deliveries."""
MIN_CONNECTIONS = 32


class _Server(uvicorn.Server):
    """Uvicorn that prints when it is ready, and ends event streams before it stops."""

    def __init__(self, app: Starlette, settings: Settings, ready: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                http=_protocol(settings),
                server_header=False,
                proxy_headers=False,  # our middleware trusts the proxies of the settings only
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
            )
        )
        self._app = app
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start up, then print the prepared text."""
        await super().startup(sockets)
        if not self.should_exit:
            _tune_garbage_collector()
            typer.echo(self._ready, err=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams first: they would keep their connections open."""
        await self._app.state.drain()
        await super().shutdown(sockets)


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on a listening socket until SIGTERM or SIGINT."""
    services = open_services(settings)
    try:
        ensure_admin(services.db, services.clock)
        made = first_key(services.db, services.clock)
        address = base_url(settings, listener)
        ready = first_steps(address, made.secret) if made else f"Hinode serves at {address}"
        _exit_cleanly_on_signals()
        _Server(create_app(services), settings, ready).run(sockets=[listener])
    finally:
        services.close()


def _protocol(settings: Settings) -> Any:
    """Return the protocol with its bounds: uvicorn calls it, though its type asks for a class."""
    limits = HeadLimits(
        settings.max_header_kb * 1024, settings.max_header_fields, settings.header_timeout_seconds
    )
    total = max(MIN_CONNECTIONS, _raise_open_file_limit() - RESERVED_FILES)
    proxies = tuple(ip_network(one) for one in settings.trusted_proxies)
    connections = ConnectionLimits(
        total, total // 2, exempt=lambda host: covers(proxies, read_address(host))
    )
    return partial(BoundedHttpProtocol, limits=limits, connection_limits=connections)


def _raise_open_file_limit() -> int:
    """Raise the soft limit of open files, of which each connection takes one, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def _tune_garbage_collector() -> None:
    """Collect garbage rarely, and freeze the objects of the start-up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def _exit_cleanly_on_signals() -> None:
    """Exit with status 0 after a signal: uvicorn raises the signal again at its end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
