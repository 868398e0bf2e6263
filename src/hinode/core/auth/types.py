"""Types of authentication: API keys, scopes, limits and the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hinode.core.accounts.types import PlanLimits
from hinode.core.auth.simulation import Simulation
from hinode.kit.addresses import Address, Network

__all__ = [
    "DEFAULT_SCOPES",
    "UNLIMITED",
    "Address",
    "Audience",
    "Caller",
    "Key",
    "KeyLimits",
    "Network",
    "Priority",
    "Scope",
    "SessionTerms",
]


class Scope(StrEnum):
    """A part of the API that a key may use; ``test`` allows simulated failures."""

    CHAT = "chat"
    IMAGES = "images"
    VIDEOS = "videos"
    TASKS = "tasks"
    SORA = "sora"
    ADMIN = "admin"
    TEST = "test"


class Audience(StrEnum):
    """The receiver of an access token: the web app's page, or clients of the Sora dialect."""

    APP = "app"
    SORA = "sora"


class Priority(StrEnum):
    """The priority of a job among the queued ones; :mod:`hinode.core.jobs.fair_queue`."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


DEFAULT_SCOPES = frozenset(Scope) - {Scope.ADMIN, Scope.TEST}
"""Scopes of a new key unless others are given; also those of the web app's access tokens."""


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """The terms of a session.

    ``scopes`` are those of its access tokens; for the audience ``app`` the account's role decides
    instead, which has effect only with ``operator``. ``access`` is the lifetime of its access
    tokens, None: the configured one. ``client`` is the program that opened it.
    """

    audience: Audience = Audience.SORA
    scopes: frozenset[Scope] = frozenset({Scope.SORA})
    operator: bool = False
    access: timedelta | None = None
    client: str = ""


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Limits of a key; None and empty mean unlimited.

    ``spend_…`` are the credits held or charged for jobs created in the last 60 minutes, the last 24
    hours and in total; ``per_minute`` the requests; ``max_unfinished`` the unfinished jobs;
    ``models`` the allowed models by id or alias; ``networks`` the allowed client addresses.
    ``max_priority`` is the highest priority that its jobs may have. Jobs of a ``local_only`` key go
    to no engine whose server is outside of the house.
    """

    spend_hour: int | None = None
    spend_day: int | None = None
    spend_total: int | None = None
    per_minute: int | None = None
    max_unfinished: int | None = None
    models: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    max_priority: Priority = Priority.NORMAL
    local_only: bool = False


UNLIMITED = KeyLimits()


@dataclass(frozen=True, slots=True)
class Key:
    """A stored API key.

    ``digest`` is the digest of its secret; ``hint`` the secret's first and last characters. With
    ``strict_fields`` its requests with unknown fields are refused.
    """

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
    strict_fields: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of a service method.

    ``key_id`` is the API key; None for an access token, which has no key limits. ``limits`` are
    ``local_only`` also where the account is. ``simulation`` are
    the failures to simulate. ``plan`` has the limits of the account's plan in dialects that enforce
    them, else None. ``strict_fields`` is that of the key. ``default_priority`` is that of jobs
    whose request names none. ``session_id`` is that of the web app's token, None for others.
    """

    account_id: UUID
    key_id: UUID | None
    scopes: frozenset[Scope]
    simulation: Simulation | None = None
    limits: KeyLimits = UNLIMITED
    plan: PlanLimits | None = None
    strict_fields: bool = False
    default_priority: Priority = Priority.NORMAL
    session_id: UUID | None = None
