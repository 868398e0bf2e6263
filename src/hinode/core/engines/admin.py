"""Engines for operators: their status, and starting, draining and stopping them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hinode.core.catalog.service import Catalog
from hinode.core.engines import repository
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
    """An engine, its unfinished jobs, and the seconds left of its cooldown (0: none)."""

    state: EngineState
    queued: int
    running: int
    cooldown_s: float


@dataclass(frozen=True, slots=True)
class EngineAdmin:
    """The engines that models name. Changes take effect at once on all servers."""

    db: Database
    catalog: Catalog
    clock: Clock
    count_unfinished: CountUnfinished

    def engines(self) -> list[EngineStatus]:
        """Return the status of every engine, in the order of their names."""
        now, names = self.clock.now(), self._names()
        with self.db.read() as conn:
            states, counts = repository.states(conn, names), self.count_unfinished(conn)
        return [
            EngineStatus(
                states[name],
                queued=counts.get(name, (0, 0))[0],
                running=counts.get(name, (0, 0))[1],
                cooldown_s=_seconds_left(states[name], now.timestamp()),
            )
            for name in names
        ]

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
        models = self.catalog.models()
        routed = {route.engine for model in models for route in model.routes}
        return sorted(routed | {model.engine for model in models})


def _seconds_left(state: EngineState, now: float) -> float:
    return max(0.0, state.cooldown_until.timestamp() - now) if state.cooldown_until else 0.0
