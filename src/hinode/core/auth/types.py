"""API keys, their scopes, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hinode.core.accounts.types import PlanLimits
from hinode.core.auth.simulation import Simulation
from hinode.kit.addresses import Address, Network

__all__ = [
    "DEFAULT_SCOPES",
    "UNLIMITED",
    "Address",
    "Caller",
    "Key",
    "KeyLimits",
    "Network",
    "Scope",
]


class Scope(StrEnum):
    """A use that a key permits; ``test`` allows simulated failures."""

    CHAT = "chat"
    IMAGES = "images"
    VIDEOS = "videos"
    TASKS = "tasks"
    SORA = "sora"
    ADMIN = "admin"
    TEST = "test"


DEFAULT_SCOPES = frozenset(Scope) - {Scope.ADMIN, Scope.TEST}
"""What a new key may do unless scopes are named: neither administer nor simulate failures."""


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Limits of a key; None and empty mean unlimited.

    ``spend_…`` are credits held or charged for jobs made in the last 60 minutes, the last 24 hours
    and ever; ``per_minute`` requests; ``max_unfinished`` jobs; ``models`` names of models, their
    own or aliases; ``networks`` where requests may come from.
    """

    spend_hour: int | None = None
    spend_day: int | None = None
    spend_total: int | None = None
    per_minute: int | None = None
    max_unfinished: int | None = None
    models: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()


UNLIMITED = KeyLimits()


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as stored: a digest, never the secret."""

    id: UUID
    account_id: UUID
    name: str
    digest: str
    hint: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    disabled_at: datetime | None = None
    limits: KeyLimits = UNLIMITED


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of a service method, and the failures to simulate.

    ``key_id`` is the key that proved it; None: an access token did, which has no limits.
    ``plan`` is what the account's plan allows, where the dialect goes by plans.
    """

    account_id: UUID
    key_id: UUID | None
    scopes: frozenset[Scope]
    simulation: Simulation | None = None
    limits: KeyLimits = UNLIMITED
    plan: PlanLimits | None = None
