"""Detect engines that no living worker offers, so that no job is queued for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from hinode.core.engines import repository

DEFAULT_GRACE = timedelta(minutes=10)
_REFRESH_SECONDS = 15.0


@dataclass(slots=True)
class EnginePresence:
    """Finds engines that no worker has offered for ``grace``; a ``grace`` of 0 finds none.

    ``grace`` also counts from the start of this process: the first process after an outage reads
    only old offers. Offers are cached for 15 seconds, because every create checks them.
    """

    grace: timedelta = DEFAULT_GRACE
    monotonic: Callable[[], float] = time.monotonic
    _opened_at: float = field(init=False)
    _read_at: float = field(init=False)
    _offered_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._opened_at = self.monotonic()
        self._read_at = self._opened_at - _REFRESH_SECONDS

    def absent(self, conn: sa.Connection, engines: Iterable[str], now: datetime) -> frozenset[str]:
        """Return the engines among ``engines`` that no living worker offers."""
        uptime = self.monotonic() - self._opened_at
        if not self.grace or uptime <= self.grace.total_seconds():
            return frozenset()
        if self.monotonic() - self._read_at >= _REFRESH_SECONDS:
            self._offered_at = repository.offers(conn)
            self._read_at = self.monotonic()
        return frozenset(one for one in engines if self._is_overdue(one, now))

    def _is_overdue(self, engine: str, now: datetime) -> bool:
        offered_at = self._offered_at.get(engine)
        return offered_at is None or now - offered_at > self.grace
