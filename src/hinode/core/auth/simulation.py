"""Failures on purpose: what a client in test mode asks to happen to its jobs."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Simulation:
    """A failure that a client in test mode requests for its jobs.

    ``fail_code`` is the code that it fails with; ``slow_seconds`` how much longer it takes;
    with ``stall`` its progress stops until the deadline; with ``expire`` its files are gone as
    soon as it has completed.
    """

    fail_code: str | None = None
    slow_seconds: float = 0.0
    stall: bool = False
    expire: bool = False


requested: ContextVar[Simulation | None] = ContextVar("requested_simulation", default=None)
"""What the present request asks for; set where requests come in, read where callers are proven."""
