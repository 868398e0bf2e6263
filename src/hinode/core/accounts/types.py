"""Types of accounts: account, profile, plan, invites and usernames."""

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


class Role(StrEnum):
    """The role of an account; an operator administers the server in the web app."""

    USER = "user"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Account:
    """An owner of keys, jobs, assets and credits; keys and tokens of a banned one are rejected.

    Jobs of a ``local_only`` one go to no engine whose server is outside of the house.
    """

    id: UUID
    name: str
    plan: Plan
    created_at: datetime
    banned_at: datetime | None = None
    role: Role = Role.USER
    local_only: bool = False


class UsernameKind(StrEnum):
    """The kind of a username's owner."""

    ACCOUNT = "account"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class UsernameOwner:
    """The owner of a username; ``shown`` has the case in which it was claimed."""

    kind: UsernameKind
    owner_id: UUID
    shown: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of an account.

    ``email`` is generated from the account's name if none was given. ``activated_at`` is None for
    an account that signed up without an invite and was not activated yet.
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
    """The invite code of an account, its redemptions and their maximum ``total``."""

    code: str
    redeemed: int
    total: int


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """Limits of a plan; 0 means unlimited, except for ``invites``.

    ``videos_per_day`` in any 24 hours and ``max_unfinished`` jobs, both of the Sora dialect;
    ``invites`` is the number of redemptions of an account's invite code (0: none).
    """

    videos_per_day: int
    max_unfinished: int
    invites: int
