"""Renewing the tokens of accounts ahead of time, beside the other chores."""

from __future__ import annotations

import asyncio
import threading

import structlog

from hinode.engines.registry import EngineRegistry
from hinode.engines.sora.engine import SoraEngine

log = structlog.get_logger("hinode.scheduler")


class TokenRefresh:
    """Looks after the accounts of all engines, in a thread of its own: servers may be slow.

    A chore that waited for them would keep this worker from taking over a dead one's jobs.
    """

    def __init__(self, engines: EngineRegistry) -> None:
        self._keepers = [one.sessions for one in engines.all() if isinstance(one, SoraEngine)]
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Begin a round unless the last one still goes on. Returns 0: it is counted in the log."""
        if self._keepers and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._round, name="hinode-accounts", daemon=True)
            self._thread.start()
        return 0

    def _round(self) -> None:
        try:
            tended = asyncio.run(self._refresh_all())
        except Exception:
            log.exception("token refresh failed; retrying")
            return
        if tended:
            log.info("periodic task done", task="accounts", done=tended)

    async def _refresh_all(self) -> int:
        return sum([await keeper.maintain() for keeper in self._keepers])
