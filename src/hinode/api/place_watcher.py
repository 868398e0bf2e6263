"""Notifies operators' event streams of what happens in the place, with one poll for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hinode.api.account_watcher import OVERLAP
from hinode.api.polling_watcher import PollingWatcher
from hinode.core.engines.admin import EngineStatus
from hinode.core.jobs.place_activity import PlaceActivity
from hinode.core.services import CoreServices
from hinode.core.webhooks.types import DeliveryLogEntry

PLACE = UUID(int=0)
"""What all operators follow."""

Worker = tuple[str, datetime, bool]


@dataclass(frozen=True, slots=True)
class PlaceState:
    """Jobs of all accounts, engines, workers, and deliveries with an attempt lately."""

    jobs: PlaceActivity
    engines: tuple[EngineStatus, ...]
    workers: tuple[Worker, ...]
    deliveries: tuple[DeliveryLogEntry, ...]


class PlaceWatcher(PollingWatcher[PlaceState]):
    """Polls the place; ``list_workers`` returns the workers: id, last heartbeat, and if alive."""

    subject = "the place"
    interval = 1.0
    most_unread = 100

    def __init__(self, core: CoreServices, list_workers: Callable[[], Sequence[Worker]]) -> None:
        super().__init__()
        self._core = core
        self._list_workers = list_workers

    def poll(self, followed: Sequence[UUID]) -> Mapping[UUID, PlaceState | None]:
        """Return what happened in the place lately."""
        since = self._core.jobs.clock.now() - OVERLAP
        return dict.fromkeys(followed, self.look(since))

    def look(self, since: datetime) -> PlaceState:
        """Return the state of the place, with what ended since a time."""
        core = self._core
        return PlaceState(
            core.place.look(since),
            tuple(core.engines.engines()),
            tuple(self._list_workers()),
            tuple(core.deliveries.attempted_since(since)),
        )
