"""From accounts, entries and keys to the admin API's objects; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hinode.core.account_office import AccountView, Granted
from hinode.core.credits.types import LedgerEntry
from hinode.core.key_office import FreshKey, KeyView


def account(view: AccountView) -> dict[str, Any]:
    """Return an account; the balance is null where credits are unlimited."""
    one, standing = view.account, view.standing
    return {
        "id": str(one.id),
        "name": one.name,
        "plan": one.plan.value,
        "banned": one.banned_at is not None,
        "unlimited": standing.balance is None,
        "balance": standing.balance,
        "held": standing.held,
        "spent": standing.spent,
        "created_at": unix(one.created_at),
    }


def granted(made: Granted) -> dict[str, Any]:
    """Return a grant and its account as it is now."""
    return {**entry(made.entry), "account": account(made.view)}


def entry(one: LedgerEntry) -> dict[str, Any]:
    """Return a line of the ledger."""
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "credits": one.amount,
        "task_id": str(one.job_id) if one.job_id else None,
        "created_at": unix(one.created_at),
    }


def key(view: KeyView) -> dict[str, Any]:
    """Return a key, without its secret, which nobody knows."""
    one, limits = view.key, view.key.limits
    return {
        "id": str(one.id),
        "account": view.account.name,
        "name": one.name,
        "hint": one.hint,
        "scopes": sorted(one.scopes),
        "created_at": unix(one.created_at),
        "expires_at": unix(one.expires_at),
        "disabled_at": unix(one.disabled_at),
        "revoked_at": unix(one.revoked_at),
        "spent": view.spent,
        "spend_hour": limits.spend_hour,
        "spend_day": limits.spend_day,
        "spend_total": limits.spend_total,
        "per_minute": limits.per_minute,
        "at_once": limits.at_once,
        "models": list(limits.models),
        "networks": [str(network) for network in limits.networks],
    }


def fresh_key(made: FreshKey) -> dict[str, Any]:
    """Return a key just made, with its secret: it is shown this once."""
    return {**key(made.view), "secret": made.secret}


def page(items: Sequence[dict[str, Any]], has_more: bool) -> dict[str, Any]:
    """Return a page; ``next_cursor`` asks for the next one."""
    return {
        "data": list(items),
        "has_more": has_more,
        "next_cursor": items[-1]["id"] if items and has_more else None,
    }


def unix(moment: datetime | None) -> int | None:
    """Return a time in Unix seconds."""
    return None if moment is None else int(moment.timestamp())
