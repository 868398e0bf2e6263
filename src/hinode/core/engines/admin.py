"""Show, open, drain and stop engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.catalog.service import Catalog
from hinode.core.engines import daily_credits, repository
from hinode.core.engines.directory import parse_capabilities
from hinode.core.engines.presence import EnginePresence
from hinode.core.engines.types import AdminState, EngineState
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit import dataclass_json
from hinode.kit.clock import Clock

if TYPE_CHECKING:
    import sqlalchemy as sa

    from hinode.db.database import Database

CountUnfinished = Callable[["sa.Connection"], Mapping[str, tuple[int, int]]]
"""Return the counts of queued and running jobs by engine.

Injected, because this domain does not import the domain of jobs.
"""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The status of an engine: its state and its unfinished jobs.

    ``cooldown_s`` is the rest of its cooldown in seconds, 0 without one. ``absent``: no living
    worker offers it, so new jobs are rejected. ``credits_today`` are held by and charged for the
    jobs that came today (UTC) to its routes with a limit of credits per day. ``models`` are the ids
    of those that it renders; ``capabilities`` what a worker last said of it, None: no worker yet.
    """

    state: EngineState
    queued: int
    running: int
    cooldown_s: float
    absent: bool
    credits_today: int
    models: tuple[str, ...]
    capabilities: EngineCapabilities | None

    @property
    def condition(self) -> str:
        """The reason why it gets no jobs: absent, draining, stopped or cooldown; else ready."""
        if self.absent:
            return "absent"
        if self.state.admin_state is not AdminState.OPEN:
            return self.state.admin_state.value
        return "cooldown" if self.cooldown_s else "ready"


@dataclass(frozen=True, slots=True)
class EngineAdmin:
    """Administration of the engines that models use; changes take effect on all servers at once."""

    db: Database
    catalog: Catalog
    clock: Clock
    count_unfinished: CountUnfinished
    presence: EnginePresence

    def engines(self) -> list[EngineStatus]:
        """Return the status of every engine, ordered by name."""
        now, names = self.clock.now(), self._names()
        with self.db.read() as conn:
            states, counts = repository.states(conn, names), self.count_unfinished(conn)
            absent = self.presence.absent(conn, names, now)
            credits = daily_credits.used_by_engine(conn, now)
            published = repository.published_capabilities(conn)
        return [
            EngineStatus(
                states[name],
                queued=counts.get(name, (0, 0))[0],
                running=counts.get(name, (0, 0))[1],
                cooldown_s=_seconds_left(states[name], now),
                absent=name in absent,
                credits_today=credits.get(name, 0),
                models=self._models_of(name),
                capabilities=parse_capabilities(name, published[name])
                if name in published
                else None,
            )
            for name in names
        ]

    def record_offers(self, offered: Mapping[str, EngineCapabilities]) -> None:
        """Record that a worker of this process offers these engines, and what they can."""
        texts = {name: dataclass_json.encode(one).decode() for name, one in offered.items()}
        with self.db.write() as conn:
            repository.record_offers(conn, texts, self.clock.now())

    def set_admin_state(self, name: str, admin_state: AdminState) -> EngineStatus:
        """Open, drain or stop an engine; opening clears its failures and cooldown.

        Raises :class:`HinodeError` when no model uses such an engine.
        """
        if name not in self._names():
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"No model uses an engine '{name[:80]}'.",
                param="engine",
                hint=f"Available: {', '.join(self._names())}.",
            )
        with self.db.write() as conn:
            repository.set_admin_state(conn, name, admin_state)
        return next(one for one in self.engines() if one.state.name == name)

    def _models_of(self, engine: str) -> tuple[str, ...]:
        models = self.catalog.models()
        return tuple(sorted(one.id for one in models if engine in one.engine_names))

    def _names(self) -> list[str]:
        return sorted({name for model in self.catalog.models() for name in model.engine_names})


def _seconds_left(state: EngineState, now: datetime) -> float:
    if state.cooldown_until is None or not state.in_cooldown(now):
        return 0.0
    return (state.cooldown_until - now).total_seconds()
