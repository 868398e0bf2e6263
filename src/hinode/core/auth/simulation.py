"""Simulated failures that a client in test mode requests for its jobs."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Simulation:
    """A failure that a client in test mode requests for its jobs.

    ``fail_code`` is the error code with which a job fails; ``slow_seconds`` is added to its
    duration; with ``stall`` its progress stops until the deadline; with ``expire`` its files expire
    when it completes.
    """

    fail_code: str | None = None
    slow_seconds: float = 0.0
    stall: bool = False
    expire: bool = False


requested: ContextVar[Simulation | None] = ContextVar("requested_simulation", default=None)
"""The simulation of the current request; set by the middleware, read at authentication."""
