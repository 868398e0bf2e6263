"""Check the clock of this machine against the stored time and the clock of the database server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from hinode.core.timekeeping import repository
from hinode.core.timekeeping.types import TOLERANCE, ClockStatus, Doubt, TimeMark
from hinode.kit.clock import Clock
from hinode.kit.machine_uptime import MachineUptime, machine_uptime

if TYPE_CHECKING:
    from hinode.db.database import Database

log = structlog.get_logger("hinode.clock")


@dataclass(frozen=True, slots=True)
class ClockService:
    """The believed time of the processes of one database."""

    db: Database
    clock: Clock
    uptime: Callable[[], MachineUptime] = machine_uptime

    def mark(self) -> TimeMark:
        """Return the current time with the uptime of the machine."""
        return TimeMark(self.clock.now(), self.uptime())

    def stored(self) -> TimeMark | None:
        """Return the last time that a process of this database believed, or None."""
        with self.db.read() as conn:
            return repository.stored(conn)

    def store(self, mark: TimeMark) -> None:
        """Store a believed time."""
        with self.db.write() as conn:
            repository.store(conn, mark)

    def doubt(self, stored: TimeMark | None, now: TimeMark) -> Doubt | None:
        """Return the reason why a time is not believed; None when it is.

        It is believed when it agrees with the stored time or with the clock of the server.
        """
        if stored is None or stored.agrees(now) or self._server_vouches(stored, now):
            return None
        is_ahead = now.time > stored.time
        return Doubt.OFF if is_ahead and not stored.is_same_boot(now) else Doubt.JUMPED

    def status(self) -> ClockStatus:
        """Return the status of this machine's clock, as a worker that starts now would find it."""
        now, stored = self.mark(), self.stored()
        return ClockStatus(self.doubt(stored, now), now.time, stored.time if stored else None)

    def confirm(self) -> ClockStatus:
        """Store this machine's time as confirmed by the operator, so that workers believe it."""
        now = self.mark()
        self.store(now)
        log.warning("the operator has confirmed the clock", time=now.time.isoformat())
        return ClockStatus(None, now.time, now.time)

    def _server_vouches(self, stored: TimeMark, now: TimeMark) -> bool:
        """Return whether the clock of a PostgreSQL server confirms the time after a new boot.

        The server must have started before the stored time: it has run through the downtime of this
        machine, and its clock was not set by the same boot. After a jump within one boot of this
        machine the server is not asked: the uptime has proven the jump.
        """
        if self.db.is_sqlite or stored.is_same_boot(now) or now.time < stored.time - TOLERANCE:
            return False
        with self.db.read() as conn:
            server = repository.server_times(conn)
        return server.started_at <= stored.time and abs(now.time - server.now) <= TOLERANCE
