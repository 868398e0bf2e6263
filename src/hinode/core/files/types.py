"""Types of uploaded files, to which later requests refer by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hinode.kit.spool import Spooled


@dataclass(frozen=True, slots=True)
class File:
    """A file of an account; ``bytes`` is its length, ``key`` its storage key.

    From ``expires_at`` on it is not found any more; None: no expiry.
    """

    id: UUID
    account_id: UUID
    name: str
    purpose: str
    content_type: str
    bytes: int
    key: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewFile:
    """An upload; ``lifetime`` is in seconds, None: the default of its purpose."""

    content: Spooled
    name: str
    purpose: str
    lifetime: int | None = None
