"""Characters: somebody who can appear in videos, by name and picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of an account; ``key`` is the storage key of a square picture of them."""

    id: UUID
    account_id: UUID
    name: str
    key: str
    created_at: datetime
