"""Engines as the studio knows them: their duty and their health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Duty(StrEnum):
    """What the operator wants of an engine.

    A draining one renders what is queued for it and gets nothing new; a stopped one starts nothing.
    """

    OPEN = "open"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineState:
    """One engine. ``failures`` in a row, the last at ``failed_at``, let it rest until
    ``resting_until``.

    After its rest one job probes it: see :mod:`hinode.studio.routing.service`. ``reason`` is what
    went wrong last, for the operator.
    """

    name: str
    duty: Duty = Duty.OPEN
    failures: int = 0
    failed_at: datetime | None = None
    resting_until: datetime | None = None
    reason: str | None = None

    def is_closed(self, now: datetime) -> bool:
        """Say whether no job may be handed to it now."""
        return self.duty is Duty.STOPPED or self.rests(now)

    def rests(self, now: datetime) -> bool:
        """Say whether it should be left alone."""
        return self.resting_until is not None and self.resting_until > now


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong at an engine with a job that was begun at ``begun``.

    ``reason`` is for the operator; ``rest`` the seconds that the engine asks for, or None.
    """

    begun: datetime
    reason: str
    rest: float | None = None
