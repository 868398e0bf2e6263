"""Simulated failures and delays around any engine, for test mode."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from hinode.core.auth.simulation import Simulation
from hinode.engines.base import (
    Artifact,
    Capabilities,
    Engine,
    EngineError,
    RenderContext,
    RenderSpec,
    Ticket,
)

_SLOW_STEP = 0.25
_REACHED_WHEN_SLOW = 0.5
_REACHED_WHEN_STALLED = 0.4
_MESSAGES = {
    "moderation_blocked": "The request was refused by the content policy (simulated).",
}


@dataclass(frozen=True, slots=True)
class SimulatedEngine:
    """An engine that simulates what the job's caller requested.

    Jobs that shall fail or stall are not submitted to the real engine.
    """

    engine: Engine
    simulation: Simulation

    @property
    def name(self) -> str:
        """The engine's name."""
        return self.engine.name

    def capabilities(self) -> Capabilities:
        """Return the engine's capabilities."""
        return self.engine.capabilities()

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Submit the job unless it shall fail or stall."""
        return await self.engine.submit(spec) if self._renders else Ticket()

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Delay, fail, stall or render. Raises :class:`EngineError`."""
        await self._simulate_slowness(context.report)
        code = self.simulation.fail_code
        if code is not None:
            raise EngineError(
                code, _MESSAGES.get(code, f"The job failed with '{code}' (simulated).")
            )
        if self.simulation.stall:
            context.report(_REACHED_WHEN_STALLED)
            await asyncio.Event().wait()
        return await self.engine.collect(ticket, context)

    async def cancel(self, ticket: Ticket) -> None:
        """Cancel the job if it was submitted."""
        if self._renders:
            await self.engine.cancel(ticket)

    @property
    def _renders(self) -> bool:
        return self.simulation.fail_code is None and not self.simulation.stall

    async def _simulate_slowness(self, report: Callable[[float], None]) -> None:
        loop = asyncio.get_running_loop()
        begun, whole = loop.time(), self.simulation.slow_seconds
        while (passed := loop.time() - begun) < whole:
            report(_REACHED_WHEN_SLOW * passed / whole)
            await asyncio.sleep(min(_SLOW_STEP, whole - passed))
