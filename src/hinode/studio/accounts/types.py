"""Accounts: who owns everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

ADMIN = "admin"


class Plan(StrEnum):
    """What an account may use."""

    FREE = "free"
    PLUS = "plus"
    PRO = "pro"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Account:
    """One owner of keys, jobs, assets and credits."""

    id: UUID
    name: str
    plan: Plan
    created_at: datetime
