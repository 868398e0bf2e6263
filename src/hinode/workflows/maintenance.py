"""Periodic maintenance of engines, such as token refresh."""

from __future__ import annotations

import asyncio
import threading

import structlog

from hinode.engines.base import SupportsMaintenance
from hinode.engines.registry import EngineRegistry

log = structlog.get_logger("hinode.scheduler")


class EngineMaintenance:
    """Runs the ``maintenance`` of all engines that offer it, in a thread of its own.

    Upstreams may be slow: a periodic task that waited for them would delay resuming the jobs of a
    dead worker.
    """

    def __init__(self, engines: EngineRegistry) -> None:
        self._engines = [one for one in engines.all() if isinstance(one, SupportsMaintenance)]
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Start a round unless the last one still runs; return 0, as the round logs its count."""
        if self._engines and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._run, name="hinode-accounts", daemon=True)
            self._thread.start()
        return 0

    def _run(self) -> None:
        try:
            done = asyncio.run(self._maintain_all())
        except Exception:
            log.exception("engine maintenance failed; retrying")
            return
        if done:
            log.info("periodic task done", task="accounts", done=done)

    async def _maintain_all(self) -> int:
        return sum([await one.maintenance() for one in self._engines])
