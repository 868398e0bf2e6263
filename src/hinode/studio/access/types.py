"""API keys, their scopes, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hinode.studio.simulation import Simulation


class Scope(StrEnum):
    """What a key may be used for; ``test`` lets a client walk error paths on purpose."""

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


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling a studio verb, proven by a key, and what they want simulated."""

    account_id: UUID
    key_id: UUID
    scopes: frozenset[Scope]
    simulation: Simulation | None = None
