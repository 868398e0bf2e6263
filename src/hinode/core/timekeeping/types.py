"""Times with the uptime at which they were shown, and what is known about a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hinode.kit.machine_uptime import MachineUptime

TOLERANCE = timedelta(hours=1)
"""Distance from the expected time at which a clock is no longer believed."""

REMEDY = "Set the machine's clock; if it is right, run `hinode clock confirm`, or wait for an hour."


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A time, and the uptime of the machine that showed it."""

    time: datetime
    uptime: MachineUptime

    def agrees(self, later: TimeMark) -> bool:
        """Return whether a later mark shows the time that this one lets expect."""
        return abs(later.time - self._expected_at(later.uptime)) <= TOLERANCE

    def is_same_boot(self, other: TimeMark) -> bool:
        """Return whether both marks were taken since the same boot of the same machine."""
        return self.uptime.boot == other.uptime.boot

    def _expected_at(self, uptime: MachineUptime) -> datetime:
        if uptime.boot != self.uptime.boot:
            return self.time  # How long both machines were off, nobody can tell.
        return self.time + timedelta(seconds=uptime.seconds - self.uptime.seconds)


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """The clock of a database server, and since when it has run by that clock."""

    now: datetime
    started_at: datetime


class Doubt(StrEnum):
    """The reason why a clock is not believed."""

    JUMPED = "jumped"
    """It shows another time than the uptime since the stored one lets expect."""

    OFF = "off"
    """The machine was off since, and nothing can tell for how long."""


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """The clock of this machine beside the time that was stored last (None: none yet)."""

    doubt: Doubt | None
    time: datetime
    stored_at: datetime | None

    @property
    def explanation(self) -> str:
        """Say what the clock shows, and what speaks against it."""
        shows = f"shows {self.time:%Y-%m-%d %H:%M:%S} UTC"
        if self.stored_at is None or self.doubt is None:
            return shows
        stored = f"{self.stored_at:%Y-%m-%d %H:%M:%S} UTC"
        if self.doubt is Doubt.JUMPED:
            return f"{shows}, but has jumped since {stored} was stored"
        return (
            f"{shows}; {stored} was stored last, before this machine started, and no other clock "
            "can tell how long all was off"
        )
