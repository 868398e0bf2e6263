"""Simulated trouble around an engine, for test mode: whichever engine it is."""

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
    """An engine that lets happen to a job what its caller asked for.

    The engine itself is not troubled with jobs that are to fail or to stall.
    """

    engine: Engine
    simulation: Simulation

    @property
    def name(self) -> str:
        """The engine's name."""
        return self.engine.name

    def capabilities(self) -> Capabilities:
        """Say what the engine can render."""
        return self.engine.capabilities()

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Hand the work over if it is to be rendered at all."""
        return await self.engine.submit(spec) if self._renders else Ticket()

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Be slow, fail, stall, or render. Raises :class:`EngineError`."""
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
        """Stop the work if there is any."""
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
