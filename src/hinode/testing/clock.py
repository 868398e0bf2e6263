"""A clock that tests move by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Stands still until :meth:`advance` moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time that the clock shows."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move the clock forward."""
        self._now += step
