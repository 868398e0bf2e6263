"""Accounts, keys and the clients that have them."""

from __future__ import annotations

from typing import Any

import httpx

from hinode import Services
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import DEFAULT_SCOPES, Caller, KeyLimits, Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import new_id
from hinode.testing.server import LiveServer
from tests.support import patient


def key_of(services: Services, account: str, **limits: Any) -> str:
    """Return the secret of a new key with these limits."""
    new = KeyCreate(account, "k", frozenset({Scope.VIDEOS}), limits=KeyLimits(**limits))
    return services.core.keys.create(new).secret


def account_with(services: Services, credits: int | None = None) -> str:
    """Return the name of a new account; None: unlimited credits."""
    name = f"a{new_id().hex}"
    new = AccountCreate(name, unlimited=credits is None, credits=credits or 0)
    services.core.accounts.create(new)
    return name


def caller_of(services: Services, account: str, **limits: Any) -> Caller:
    return services.core.auth.authenticate(key_of(services, account, **limits), Scope.VIDEOS)


def client_with(server: LiveServer, secret: str, path: str = "/v1") -> httpx.Client:
    """Return a client of what lies below a path, with a key."""
    headers = {"authorization": f"Bearer {secret}"}
    return patient.Client(base_url=f"{server.url}{path}", headers=headers, timeout=30.0)


def operator_client(server: LiveServer, path: str = "/v1") -> httpx.Client:
    """Return a client of the operator, whose own account is called boss."""
    return client_with(server, server.new_key("boss", DEFAULT_SCOPES | {Scope.ADMIN}), path)
