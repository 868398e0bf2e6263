"""Accounts and keys for tests of limits."""

from __future__ import annotations

from typing import Any

from hinode import Services
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, KeyLimits, Scope
from hinode.core.jobs.account_admin import AccountCreate
from hinode.kit.ids import new_id


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
