"""Types of timekeeping: times with the uptime of their machine, and the status of a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hinode.kit.machine_uptime import MachineUptime

TOLERANCE = timedelta(hours=1)
"""Maximum difference from the expected time at which a clock is believed."""

REMEDY = "Set the machine's clock; if it is right, run `hinode clock confirm`, or wait for an hour."


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A time by a machine's clock, and the uptime of that machine."""

    time: datetime
    uptime: MachineUptime

    def agrees(self, later: TimeMark) -> bool:
        """Return whether a later mark has the time that follows from this one and the uptime."""
        return abs(later.time - self._expected_at(later.uptime)) <= TOLERANCE

    def is_same_boot(self, other: TimeMark) -> bool:
        """Return whether both marks are of the same boot of the same machine."""
        return self.uptime.boot == other.uptime.boot

    def _expected_at(self, uptime: MachineUptime) -> datetime:
        if uptime.boot != self.uptime.boot:
            return self.time  # The downtime between two boots is unknown.
        return self.time + timedelta(seconds=uptime.seconds - self.uptime.seconds)


@dataclass(frozen=True, slots=True)
class ServerTimes:
    """The current time and the start time of a database server, by its own clock."""

    now: datetime
    started_at: datetime


class Doubt(StrEnum):
    """The reason why a clock is not believed."""

    JUMPED = "jumped"
    """The time does not follow from the stored time and the uptime since then."""

    OFF = "off"
    """The machine was off after the stored time, for an unknown time."""


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """The time by this machine's clock, and the last stored time (None: none yet)."""

    doubt: Doubt | None
    time: datetime
    stored_at: datetime | None

    @property
    def explanation(self) -> str:
        """A message for the operator: the time, and the reason why it is not believed."""
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
