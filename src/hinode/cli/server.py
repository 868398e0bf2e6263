"""Run the server process: uvicorn over the app, and the first start's text."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from math import ceil

import uvicorn
from starlette.applications import Starlette

from hinode.api.http1.server_config import MAX_OPEN_FILES, server_config
from hinode.app import create_app
from hinode.cli.last_exit import end_at_the_latest
from hinode.cli.login_link import links_work
from hinode.cli.store_check import check_store_at_start
from hinode.cli.welcome import base_url, first_steps, login_url
from hinode.components import temporary_folder
from hinode.config.settings import Settings
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.kit.child_watcher import watch_children_by_pidfd
from hinode.kit.temporary_files import use_temporary_folder
from hinode.services import Services, open_services

GC_THRESHOLD = 10_000
_WITHOUT_TLS = (
    "Warning: other machines can reach {host}, and keys and passwords would travel unencrypted. "
    "Put a proxy with TLS in front, and set HINODE_PUBLIC_URL to its https:// address and "
    "HINODE_TRUSTED_PROXIES to the proxy's; or listen on 127.0.0.1."
)
_STUDIO = """
Open the web app in a browser on this machine (the link works once, within ten minutes):

    {link}
"""


class _Server(uvicorn.Server):
    """Uvicorn that tells when it is ready, and ends in time whatever its clients do."""

    def __init__(self, app: Starlette, settings: Settings, tell_ready: Callable[[], None]) -> None:
        super().__init__(server_config(app, settings))
        self._app = app
        self._settings = settings
        self._tell_ready = tell_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start up, then tell it."""
        await super().startup(sockets)
        if not self.should_exit:
            _tune_garbage_collector()
            self._tell_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End event streams at once, and everything else when its time is over."""
        end_at_the_latest(self._settings.shutdown_seconds)
        self._app.state.begin_shutdown()
        seconds = self._settings.finishing_seconds
        asyncio.get_running_loop().call_later(seconds, self._hang_up)
        self.config.timeout_graceful_shutdown = ceil(seconds) + 1
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def run_server(
    settings: Settings, listener: socket.socket, tell: Callable[[str], None] | None = None
) -> None:
    """Serve on a listening socket until SIGTERM or SIGINT.

    ``tell`` gets what people should read once the server is ready.
    """
    services = open_services(settings)
    use_temporary_folder(temporary_folder(settings))
    watch_children_by_pidfd()
    try:
        check_store_at_start(services.store)
        ensure_admin(services.db, services.clock)
        ready = partial(tell, _welcome(services, listener)) if tell else lambda: None
        _raise_open_file_limit()
        server = _Server(create_app(services), settings, ready)
        stop_on_signals(server)
        server.run(sockets=[listener])
    finally:
        services.close()


def _welcome(services: Services, listener: socket.socket) -> str:
    settings, made = services.settings, first_key(services.db, services.clock)
    address = base_url(settings, listener)
    text = first_steps(address, made.secret) if made else f"Hinode serves at {address}"
    if sys.stderr.isatty() and _is_loopback(settings.host) and links_work(settings):
        secret = services.core.login_links.create(operator=False)
        text += _STUDIO.format(link=login_url(address, secret))
    if _is_open_without_tls(settings):
        text = f"{_WITHOUT_TLS.format(host=settings.host)}\n{text}"
    return text


def _is_open_without_tls(settings: Settings) -> bool:
    """Return whether other machines can reach the server and no proxy with TLS is configured."""
    is_behind_tls = settings.public_url.startswith("https://") or settings.trusted_proxies
    return not is_behind_tls and not _is_loopback(settings.host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _raise_open_file_limit() -> None:
    """Raise the soft limit of open files, of which each connection takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _tune_garbage_collector() -> None:
    """Collect garbage rarely, and freeze the objects of the start-up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 20)


def stop_on_signals(server: uvicorn.Server) -> None:
    """Stop the server on a signal, also on one that comes before uvicorn listens to them.

    Uvicorn raises the signal again at its end: the process then exits with status 0.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
