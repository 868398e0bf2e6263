"""The operator's verbs for engines: how they are, and starting, draining and stopping them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hinode.kit.clock import Clock
from hinode.studio.catalog.service import Catalog
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs import repository as jobs
from hinode.studio.routing import repository
from hinode.studio.routing.types import Duty, EngineState

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """An engine with its unfinished jobs; ``rests_for`` is in seconds, 0 when it does not rest."""

    state: EngineState
    queued: int
    running: int
    rests_for: float


@dataclass(frozen=True, slots=True)
class EngineDesk:
    """What operators do with the engines that models name. Changes hold at once, everywhere."""

    db: Database
    catalog: Catalog
    clock: Clock

    def engines(self) -> list[EngineStatus]:
        """Return how every engine is, by name."""
        now, names = self.clock.now(), self._names()
        with self.db.read() as conn:
            states, counts = repository.states(conn, names), jobs.unfinished_by_engine(conn)
        return [
            EngineStatus(
                states[name],
                queued=counts.get(name, (0, 0))[0],
                running=counts.get(name, (0, 0))[1],
                rests_for=_seconds_left(states[name], now.timestamp()),
            )
            for name in names
        ]

    def set_duty(self, name: str, duty: Duty) -> EngineStatus:
        """Start, drain or stop an engine; starting forgets its failures.

        Raises :class:`StudioError` when no model names such an engine.
        """
        if name not in self._names():
            raise StudioError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"No model is rendered by an engine '{name[:80]}'.",
                param="engine",
                hint=f"There are: {', '.join(self._names())}.",
            )
        with self.db.write() as conn:
            repository.set_duty(conn, name, duty)
        return next(one for one in self.engines() if one.state.name == name)

    def _names(self) -> list[str]:
        models = self.catalog.models()
        routed = {route.engine for model in models for route in model.routes}
        return sorted(routed | {model.engine for model in models})


def _seconds_left(state: EngineState, now: float) -> float:
    return max(0.0, state.resting_until.timestamp() - now) if state.resting_until else 0.0
