"""Accounts: who owns everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

ADMIN = "admin"


class Plan(StrEnum):
    """The plan of an account."""

    FREE = "free"
    PLUS = "plus"
    PRO = "pro"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Account:
    """One owner of keys, jobs, assets and credits; a banned one's keys and tokens do not work."""

    id: UUID
    name: str
    plan: Plan
    created_at: datetime
    banned_at: datetime | None = None


class UsernameKind(StrEnum):
    """The kind of a name's owner: a name belongs to one account or one character."""

    ACCOUNT = "account"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class UsernameOwner:
    """The owner of a name, and the name as they spelled it."""

    kind: UsernameKind
    owner_id: UUID
    shown: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of an account.

    ``email`` is made up from the account's name where none was given. ``activated_at`` is None
    until an account that signed itself up without an invite has been activated.
    """

    account_id: UUID
    account_name: str
    plan: Plan
    username: str | None
    display_name: str
    email: str
    created_at: datetime
    activated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invites:
    """An account's own invite code, how often it was redeemed and how often it may be."""

    code: str
    redeemed: int
    total: int


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Limits of a plan; 0 means unlimited.

    ``videos_per_day`` in any 24 hours and ``max_unfinished`` jobs, both through the Sora
    dialect; ``invites`` are how often an account's code may be redeemed (0: never).
    """

    videos_per_day: int
    max_unfinished: int
    invites: int
