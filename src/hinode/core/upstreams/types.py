"""Accounts at upstream servers as the core knows them, and what jobs need of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hinode.core.accounts.types import Plan
from hinode.media.types import MediaKind
from hinode.upstream_accounts import TokenSet

UNLIMITED = -1
"""As many jobs at once as there are."""

PRO_PLANS = frozenset({Plan.PRO, Plan.TEAM})


LONGEST_EMAIL = 254
"""RFC 5321 leaves no room for longer ones."""


def is_email(text: str) -> bool:
    """Say whether a text may be an e-mail address, and can be kept as one."""
    return "@" in text and len(text) <= LONGEST_EMAIL and text.isprintable()


class UpstreamAccountState(StrEnum):
    """The state of an upstream account.

    ``cooldown`` ends by itself; it is never stored, it follows from ``cooldown_until``.
    ``quarantined``: the server refuses its tokens, and the operator must replace them.
    ``disabled``: the operator gives it no new jobs.
    """

    READY = "ready"
    COOLDOWN = "cooldown"
    QUARANTINED = "quarantined"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Slots:
    """The concurrent jobs of each kind that an account may have; -1: any number."""

    videos: int = 3
    images: int = 3

    def of(self, kind: MediaKind) -> int:
        """Return those of a kind."""
        return self.videos if kind is MediaKind.VIDEO else self.images


@dataclass(frozen=True, slots=True)
class UpstreamAccount:
    """An account at the server of an engine, without its tokens.

    ``expires_at`` is when the access token does. ``videos_left`` is what the server said last, None
    when it never did; ``resets_at`` when it gives more. ``failures`` in a row keep it out of
    use until ``cooldown_until``; ``reason`` is what went wrong last, for the operator.
    ``checked_at`` is when the server was asked last who it is.
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
        """Return its state now, cooldown included."""
        cooling = self.cooldown_until is not None and self.cooldown_until > now
        return (
            UpstreamAccountState.COOLDOWN
            if cooling and self.state is UpstreamAccountState.READY
            else self.state
        )


@dataclass(frozen=True, slots=True)
class UpstreamAccountCreate:
    """An account about to be added, or to get new tokens if its e-mail address is known."""

    engine: str
    tokens: TokenSet
    label: str = ""
    email: str | None = None
    slots: Slots = Slots()
    enabled: bool = True
