"""Notifies open event streams of what happens in accounts, with one database poll for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hinode.api.polling_watcher import PollingWatcher
from hinode.core.jobs.activity import Activity
from hinode.kit.clock import Clock

OVERLAP = timedelta(seconds=30)
"""Time for which ends of jobs are seen again: clocks of several hosts differ a little."""

Look = Callable[[Mapping[UUID, datetime]], dict[UUID, Activity]]


class AccountWatcher(PollingWatcher[Activity]):
    """Polls the followed accounts; ``look`` returns what happened in each since a moment."""

    subject = "accounts"
    interval = 0.5
    most_unread = 100

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__()
        self._look = look
        self._clock = clock

    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, Activity | None]:
        """Return what happened in accounts lately."""
        return self._look(dict.fromkeys(followed, self._clock.now() - OVERLAP))
