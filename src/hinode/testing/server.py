"""A whole Hinode behind a real socket, in a thread of the test process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from hinode.api.http1.server_config import server_config
from hinode.app import create_app
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.account_admin import AccountCreate
from hinode.services import Services

START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server. ``url`` is its address, without ``/v1``."""

    url: str
    services: Services
    app: Starlette

    def new_key(self, account: str, scopes: frozenset[Scope] = DEFAULT_SCOPES) -> str:
        """Return the secret of a new key of an account, which is made if need be."""
        core = self.services.core
        try:
            core.accounts.create(AccountCreate(account, unlimited=True))
        except HinodeError as error:
            if error.code is not ErrorCode.NAME_TAKEN:
                raise
        return core.keys.create(KeyCreate(account, "test", scopes)).secret


@contextmanager
def live_server(services: Services) -> Iterator[LiveServer]:
    """Serve opened services on a free port, within the bounds of their settings, until the end.

    With ``workers`` on in their settings, jobs are rendered too; one process can have only one
    such server at a time. Raises ``TimeoutError`` when it does not start.
    """
    app = create_app(services)
    listener = socket.create_server(("127.0.0.1", 0))
    config = server_config(app, services.settings)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_for(server, thread)
        yield LiveServer(f"http://127.0.0.1:{listener.getsockname()[1]}", services, app)
    finally:
        server.should_exit = True
        thread.join(timeout=START_SECONDS)
        listener.close()


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise TimeoutError("the server did not start; its log says why")
        time.sleep(0.01)
