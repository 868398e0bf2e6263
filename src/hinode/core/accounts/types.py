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
    """One owner of keys, jobs, assets and credits; a banned one's keys and tokens do not work."""

    id: UUID
    name: str
    plan: Plan
    created_at: datetime
    banned_at: datetime | None = None


class NameKind(StrEnum):
    """Who may bear a name: one name is one person's or one character's."""

    ACCOUNT = "account"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class NameOwner:
    """Who bears a name, and how it is spelled."""

    kind: NameKind
    owner_id: UUID
    shown: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an account's person.

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
    """What a plan allows; 0: any number.

    ``videos_per_day`` in any 24 hours and ``at_once`` unfinished, both through the Sora dialect;
    ``invites`` are how often an account's code may be redeemed (0: never).
    """

    videos_per_day: int
    at_once: int
    invites: int
