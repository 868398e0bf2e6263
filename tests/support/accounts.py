"""Accounts and keys for tests of limits."""

from __future__ import annotations

from typing import Any

from hinode import Services
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller, KeyLimits, Scope
from hinode.kit.ids import new_id


def key_of(services: Services, account: str, **limits: Any) -> str:
    """Return the secret of a new key with these limits."""
    made = services.core.operator.create_key(
        account, "k", scopes={Scope.VIDEOS}, expires_at=None, limits=KeyLimits(**limits)
    )
    return made.secret


def account_with(services: Services, credits: int | None = None) -> str:
    """Return the name of a new account; None: unlimited credits."""
    name = f"a{new_id().hex}"
    services.core.operator.create_account(
        name, Plan.FREE, unlimited=credits is None, amount=credits or 0
    )
    return name


def caller_of(services: Services, account: str, **limits: Any) -> Caller:
    return services.core.auth.authenticate(key_of(services, account, **limits), Scope.VIDEOS)
