"""People with accounts: sessions of theirs, and clients that carry their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.accounts.types import Plan
from hinode.core.auth.session_service import IssuedTokens
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import new_id
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from tests.support import patient

COOKIE = "__Secure-next-auth.session-token"


def new_account(services: Services, plan: Plan = Plan.FREE, credits: int | None = None) -> str:
    """Return the name of a new account; None: unlimited credits."""
    name = f"p{new_id().hex}"
    new = AccountCreate(name, plan, unlimited=credits is None, credits=credits or 0)
    services.core.accounts.create(new)
    return name


def admitted(services: Services, account: str, hours: float = 1) -> IssuedTokens:
    """Return a new session of an account."""
    return services.core.sessions.issue(account, timedelta(hours=hours))


def client_of(server: LiveServer, token: str | None) -> httpx.Client:
    """Return a client with this token, or with none."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return patient.Client(base_url=server.url, headers=headers, timeout=20.0)


@contextmanager
def server_with(
    data: Path, clock: FakeClock | None = None, **settings: Any
) -> Iterator[LiveServer]:
    """Serve a studio of one's own settings; nobody renders its jobs."""
    given = load_settings(data=data, workers=False, shutdown_seconds=0, **settings)
    services = open_services(given, engines=EngineRegistry([]), clock=clock)
    try:
        with live_server(services) as server:
            yield server
    finally:
        services.close()


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check an error as clients need it, and return it."""
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    assert error["message"]
    assert {"message", "type", "param", "code"} <= set(error)
    return error
