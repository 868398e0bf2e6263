"""Types of accounts at upstream servers: state, slots and the stored account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hinode.core.accounts.types import Plan
from hinode.media.types import MediaKind
from hinode.upstream_accounts import TokenSet

UNLIMITED = -1
"""Number of slots of an account without a limit of concurrent jobs."""

PRO_PLANS = frozenset({Plan.PRO, Plan.TEAM})

MAX_COOLDOWN = timedelta(minutes=30)

LONGEST_EMAIL = 254
"""Maximum length of an e-mail address in characters (RFC 5321, section 4.5.3.1.3)."""


def is_email(text: str) -> bool:
    """Return whether a text has the form of an e-mail address and can be stored."""
    return "@" in text and len(text) <= LONGEST_EMAIL and text.isprintable()


def is_cooling_down(until: datetime | None, now: datetime) -> bool:
    """Return whether a cooldown is in force.

    An end after ``MAX_COOLDOWN`` from now was set while the clock was wrong, and is ignored.
    """
    return until is not None and now < until <= now + MAX_COOLDOWN


class UpstreamAccountState(StrEnum):
    """The state of an upstream account.

    ``cooldown`` is never stored: it follows from ``cooldown_until`` and ends by itself.
    ``quarantined``: the server rejects its tokens, and the operator must replace them.
    ``disabled``: the operator has disabled it; it gets no new jobs.
    """

    READY = "ready"
    COOLDOWN = "cooldown"
    QUARANTINED = "quarantined"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Slots:
    """The maximum concurrent jobs of an account by kind; 0: none, -1: no limit."""

    videos: int = 3
    images: int = 3

    def of(self, kind: MediaKind) -> int:
        """Return the slots of a kind."""
        return self.videos if kind is MediaKind.VIDEO else self.images


@dataclass(frozen=True, slots=True)
class UpstreamAccount:
    """An account at the server of an engine, without its tokens.

    ``expires_at`` is the expiry of the access token; ``renewable``: a session or refresh token can
    renew it. ``videos_left`` is the quota that the server reported last, None: unknown;
    ``resets_at`` its next reset. After ``failures`` consecutive failures it is not used until
    ``cooldown_until``; ``reason`` is the last failure, for the operator. ``checked_at`` is the time
    of the last check at the server.
    """

    id: UUID
    engine: str
    label: str
    email: str | None
    plan: Plan | None
    state: UpstreamAccountState
    reason: str | None
    failures: int
    cooldown_until: datetime | None
    videos_left: int | None
    resets_at: datetime | None
    expires_at: datetime | None
    renewable: bool
    slots: Slots
    videos_made: int
    images_made: int
    use_order: int
    last_used_at: datetime | None
    checked_at: datetime | None
    created_at: datetime

    def state_at(self, now: datetime) -> UpstreamAccountState:
        """Return its state at a time, with ``COOLDOWN`` derived from ``cooldown_until``."""
        return (
            UpstreamAccountState.COOLDOWN
            if is_cooling_down(self.cooldown_until, now)
            and self.state is UpstreamAccountState.READY
            else self.state
        )


@dataclass(frozen=True, slots=True)
class UpstreamAccountCreate:
    """The data of a new account, or the new tokens of one with a known e-mail address."""

    engine: str
    tokens: TokenSet
    label: str = ""
    email: str | None = None
    slots: Slots = Slots()
    enabled: bool = True
