"""Validate the limits of keys, and convert them to and from columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_network
from typing import Any

from hinode.core.auth.types import KeyLimits, Network, Priority
from hinode.core.errors import ErrorCode, HinodeError

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_MOST = 1_000_000_000
_NUMBERS = ("spend_hour", "spend_day", "spend_total", "per_minute", "max_unfinished")
_MOST_NAMES = 100


def check_limits(limits: KeyLimits) -> None:
    """Raise :class:`HinodeError` for a limit out of range or a value that is no model name."""
    for name in _NUMBERS:
        value = getattr(limits, name)
        least = 0 if name.startswith("spend") else 1
        if value is not None and not least <= value <= _MOST:
            raise _refused(name, f"is a whole number from {least} to {_MOST}")
    if max(len(limits.models), len(limits.networks)) > _MOST_NAMES:
        raise _refused("models and networks", f"have at most {_MOST_NAMES} entries each")
    for model in limits.models:
        if not _MODEL.fullmatch(model):
            raise _refused("models", f"must be model names; '{model[:40]}' is not one")


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Parse IPv4 and IPv6 addresses and networks. Raises :class:`HinodeError` for other text."""
    return tuple(_network(text) for text in texts)


def _network(text: str) -> Network:
    try:
        return ip_network(text.strip())
    except ValueError:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'{text[:60]}' is not an IP address or network.",
            param="networks",
            hint="Use the form 203.0.113.7, 203.0.113.0/24, 2001:db8::1 or 2001:db8::/32.",
        ) from None


def to_columns(limits: KeyLimits) -> dict[str, Any]:
    """Return the columns of limits; lists become comma-separated text."""
    return {
        **asdict(limits),
        "models": ",".join(limits.models) or None,
        "networks": ",".join(map(str, limits.networks)) or None,
        "max_priority": limits.max_priority.value,
    }


def from_row(row: Any) -> KeyLimits:
    """Return the limits stored in a row."""
    return KeyLimits(
        **{name: getattr(row, name) for name in _NUMBERS},
        models=tuple(row.models.split(",")) if row.models else (),
        networks=tuple(map(ip_network, row.networks.split(","))) if row.networks else (),
        max_priority=Priority(row.max_priority),
        local_only=row.local_only,
    )


def _refused(name: str, rule: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, f"A key's {name} {rule}.", param=name)
