"""The clock of this machine, judged by what was stored and by the database's server."""

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
    """The time that the processes of one database believe."""

    db: Database
    clock: Clock
    uptime: Callable[[], MachineUptime] = machine_uptime

    def mark(self) -> TimeMark:
        """Return what the clock shows, with the uptime."""
        return TimeMark(self.clock.now(), self.uptime())

    def stored(self) -> TimeMark | None:
        """Return the time that was believed last; None when there was none."""
        with self.db.read() as conn:
            return repository.stored(conn)

    def store(self, mark: TimeMark) -> None:
        """Store a time that is believed."""
        with self.db.write() as conn:
            repository.store(conn, mark)

    def doubt(self, stored: TimeMark | None, now: TimeMark) -> Doubt | None:
        """Return what speaks against this time: neither the stored one nor a server agrees."""
        if stored is None or stored.agrees(now) or self._server_vouches(stored, now):
            return None
        is_ahead = now.time > stored.time
        return Doubt.OFF if is_ahead and not stored.is_same_boot(now) else Doubt.JUMPED

    def status(self) -> ClockStatus:
        """Return what a worker that starts now would say of this machine's clock."""
        now, stored = self.mark(), self.stored()
        return ClockStatus(self.doubt(stored, now), now.time, stored.time if stored else None)

    def confirm(self) -> ClockStatus:
        """Store this machine's time as the operator's word: workers that show it believe it."""
        now = self.mark()
        self.store(now)
        log.warning("the operator has confirmed the clock", time=now.time.isoformat())
        return ClockStatus(None, now.time, now.time)

    def _server_vouches(self, stored: TimeMark, now: TimeMark) -> bool:
        """Return whether PostgreSQL can say how long all was off, and agrees.

        It must have run since before the stored time: then its own clock was not set by the same
        boot. A jump since this machine's boot is known to be one, whatever others show.
        """
        if self.db.is_sqlite or stored.is_same_boot(now) or now.time < stored.time - TOLERANCE:
            return False
        with self.db.read() as conn:
            server = repository.server_times(conn)
        return server.started_at <= stored.time and abs(now.time - server.now) <= TOLERANCE
