"""Types of engines: administrative state, failures and cooldown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CLOCK_SLACK = timedelta(hours=1)
"""Difference between clocks above which one of them is wrong."""


class AdminState(StrEnum):
    """The operator's setting for an engine.

    A draining engine renders its queued jobs and gets no new ones; a stopped one starts no jobs.
    """

    OPEN = "open"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineState:
    """The state of one engine.

    ``failures`` counts consecutive failures, the last at ``failed_at`` with ``reason`` for the
    operator. Until ``cooldown_until`` it gets no jobs: see :mod:`hinode.core.engines.service`.
    ``offered_at`` is the time at which a living worker last offered it.
    """

    name: str
    admin_state: AdminState = AdminState.OPEN
    failures: int = 0
    failed_at: datetime | None = None
    cooldown_until: datetime | None = None
    reason: str | None = None
    offered_at: datetime | None = None

    @property
    def is_healthy(self) -> bool:
        """True when it is open and its last submit did not fail."""
        return self.admin_state is AdminState.OPEN and self.failures == 0

    def is_unavailable(self, now: datetime) -> bool:
        """Return whether it is stopped or in its cooldown, so that no job may be submitted."""
        return self.admin_state is AdminState.STOPPED or self.in_cooldown(now)

    def in_cooldown(self, now: datetime) -> bool:
        """Return whether it is in its cooldown.

        A failure in the future was stored while the clock was wrong; its cooldown is ignored.
        """
        if self.failed_at is not None and self.failed_at > now + CLOCK_SLACK:
            return False
        return self.cooldown_until is not None and self.cooldown_until > now


@dataclass(frozen=True, slots=True)
class EngineFailure:
    """A failure of an engine to accept a job that was started at ``started_at``.

    ``reason`` is for the operator; ``retry_after`` the seconds that the engine asks for, or None.
    """

    started_at: datetime
    reason: str
    retry_after: float | None = None
