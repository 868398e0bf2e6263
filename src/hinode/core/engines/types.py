"""Engines as the studio knows them: their admin_state and their health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AdminState(StrEnum):
    """What the operator wants of an engine.

    A draining one renders what is queued for it and gets nothing new; a stopped one starts nothing.
    """

    OPEN = "open"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineState:
    """One engine. ``failures`` in a row, the last at ``failed_at``, let it rest until
    ``cooldown_until``.

    After its rest one job probes it: see :mod:`hinode.core.engines.service`. ``reason`` is what
    went wrong last, for the operator.
    """

    name: str
    admin_state: AdminState = AdminState.OPEN
    failures: int = 0
    failed_at: datetime | None = None
    cooldown_until: datetime | None = None
    reason: str | None = None

    def is_unavailable(self, now: datetime) -> bool:
        """Say whether no job may be handed to it now."""
        return self.admin_state is AdminState.STOPPED or self.in_cooldown(now)

    def in_cooldown(self, now: datetime) -> bool:
        """Say whether it should be left alone."""
        return self.cooldown_until is not None and self.cooldown_until > now


@dataclass(frozen=True, slots=True)
class EngineFailure:
    """What went wrong at an engine with a job that was begun at ``started_at``.

    ``reason`` is for the operator; ``retry_after`` the seconds that the engine asks for, or None.
    """

    started_at: datetime
    reason: str
    retry_after: float | None = None
