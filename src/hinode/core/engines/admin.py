"""Engines for operators: their status, and starting, draining and stopping them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hinode.core.catalog.service import Catalog
from hinode.core.engines import repository
from hinode.core.engines.presence import EnginePresence
from hinode.core.engines.types import AdminState, EngineState
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database

CountUnfinished = Callable[["sa.Connection"], Mapping[str, tuple[int, int]]]
"""Counts the queued and the running jobs by engine; jobs are above engines and pass it in."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """An engine, its unfinished jobs, and the seconds left of its cooldown (0: none).

    ``absent``: no living worker offers it, so that new jobs are refused.
    """

    state: EngineState
    queued: int
    running: int
    cooldown_s: float
    absent: bool

    @property
    def condition(self) -> str:
        """Its condition in one word: what keeps it from jobs, or ready."""
        if self.absent:
            return "absent"
        if self.state.admin_state is not AdminState.OPEN:
            return self.state.admin_state.value
        return "cooldown" if self.cooldown_s else "ready"


@dataclass(frozen=True, slots=True)
class EngineAdmin:
    """The engines that models name. Changes take effect at once on all servers."""

    db: Database
    catalog: Catalog
    clock: Clock
    count_unfinished: CountUnfinished
    presence: EnginePresence

    def engines(self) -> list[EngineStatus]:
        """Return the status of every engine, in the order of their names."""
        now, names = self.clock.now(), self._names()
        with self.db.read() as conn:
            states, counts = repository.states(conn, names), self.count_unfinished(conn)
            absent = self.presence.absent(conn, names, now)
        return [
            EngineStatus(
                states[name],
                queued=counts.get(name, (0, 0))[0],
                running=counts.get(name, (0, 0))[1],
                cooldown_s=_seconds_left(states[name], now.timestamp()),
                absent=name in absent,
            )
            for name in names
        ]

    def record_offers(self, names: Iterable[str]) -> None:
        """Record that a worker of this process offers these engines."""
        with self.db.write() as conn:
            repository.record_offers(conn, names, self.clock.now())

    def set_admin_state(self, name: str, admin_state: AdminState) -> EngineStatus:
        """Start, drain or stop an engine; starting forgets its failures.

        Raises :class:`HinodeError` when no model names such an engine.
        """
        if name not in self._names():
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"No model is rendered by an engine '{name[:80]}'.",
                param="engine",
                hint=f"There are: {', '.join(self._names())}.",
            )
        with self.db.write() as conn:
            repository.set_admin_state(conn, name, admin_state)
        return next(one for one in self.engines() if one.state.name == name)

    def _names(self) -> list[str]:
        return sorted({name for model in self.catalog.models() for name in model.engine_names})


def _seconds_left(state: EngineState, now: float) -> float:
    return max(0.0, state.cooldown_until.timestamp() - now) if state.cooldown_until else 0.0
