"""Reading keys to be made, and what shall be another of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from hinode.api.admin.requests import bad, read_moment, read_texts, read_word, refuse_unknown
from hinode.api.values import Fields, boolean, integer, missing, text
from hinode.core.auth.limits import read_networks
from hinode.core.auth.types import DEFAULT_SCOPES, Key, KeyLimits, Scope
from hinode.core.key_office import Amend, KeyWish


def _networks(fields: Fields, name: str) -> Any:
    return read_networks(read_texts(fields, name))


_LIMITS: Mapping[str, Callable[[Fields, str], Any]] = {
    **dict.fromkeys(("spend_hour", "spend_day", "spend_total", "per_minute", "at_once"), integer),
    "models": read_texts,
    "networks": _networks,
}
_BOTH = ("name", "scopes", "expires_at", *_LIMITS)


def read_key(fields: Fields) -> KeyWish:
    """Read a key to be made; without limits, and with the usual scopes unless they are given."""
    refuse_unknown(fields, ("account", *_BOTH))
    account, name = text(fields, "account"), text(fields, "name")
    if account is None:
        raise missing("account", "The name of the account that the key belongs to.")
    if name is None:
        raise missing("name", "Say what the key is for; people see it in lists.")
    return KeyWish(
        account=account,
        name=name,
        scopes=_scopes(fields) if fields.get("scopes") is not None else DEFAULT_SCOPES,
        expires_at=read_moment(fields, "expires_at"),
        limits=KeyLimits(**_limits(fields)),
    )


def read_key_change(fields: Fields) -> Amend:
    """Read what shall be another of a key: null lifts a limit, what is absent stays."""
    refuse_unknown(fields, ("disabled", *_BOTH))
    limits, disabled = _limits(fields), boolean(fields, "disabled")
    plain: dict[str, Any] = {}
    if "name" in fields:
        plain["name"] = text(fields, "name") or ""
    if "scopes" in fields:
        plain["scopes"] = _scopes(fields)
    if "expires_at" in fields:
        plain["expires_at"] = read_moment(fields, "expires_at")

    def amend(key: Key, now: datetime) -> Key:
        since = key.disabled_at
        if disabled is not None:
            since = (since or now) if disabled else None
        return replace(key, **plain, limits=replace(key.limits, **limits), disabled_at=since)

    return amend


def _limits(fields: Fields) -> dict[str, Any]:
    return {name: read(fields, name) for name, read in _LIMITS.items() if name in fields}


def _scopes(fields: Fields) -> frozenset[Scope]:
    words = read_texts(fields, "scopes")
    if not words:
        raise bad("scopes", f"'scopes' names at least one of {', '.join(Scope)}.")
    return frozenset(read_word(Scope, word, "scopes") for word in words)
