"""Readiness checks: database and object store reads, writes, live workers, engines."""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hinode.config.origins import setting_origins
from hinode.config.settings import Settings, load_settings
from hinode.config.shared import from_document
from hinode.core.cluster.published_settings import PublishedSettings
from hinode.core.host_failures import host_failure
from hinode.db.schema import check_served
from hinode.db.write_probe import probe_write
from hinode.doctor_process import DoctorProcess
from hinode.kit.cached_probe import CachedProbe
from hinode.services import Services
from hinode.storage.errors import StorageError
from hinode.storage.store import ObjectStore
from hinode.workflows.heartbeat import count_alive, list_workers
from hinode.workflows.runtime import Runtime

PROBE_INTERVAL_SECONDS = 15.0
"""The shortest interval between two write probes."""
_OPTIONS = ("database", "storage", "host", "port", "workers")
_NO_FOLDER = "readiness"
"""Without objects: the cheapest list tells if the bucket is there and may be read."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The readiness checks of one server; all methods but one block.

    ``worker`` is None in a server without one: workers of other processes may run its jobs.
    """

    services: Services
    worker: Runtime | None
    probe: WriteProbe
    doctor_process: DoctorProcess
    store_reads: CachedProbe

    def reads(self) -> Mapping[str, Callable[[], None]]:
        """Return the read checks by name; a check raises when its dependency fails."""
        return {"database": self._read_database, "storage": self._read_storage}

    def workers(self) -> None:
        """Raise ``RuntimeError`` when the worker of this process stopped, or none is alive."""
        if self.worker is not None and not self.worker.alive:
            raise RuntimeError("the worker of this process has stopped")
        if count_alive(self.services.db, self.services.clock) == 0:
            raise RuntimeError("no worker is alive; start one with `hinode worker`")

    def store_writes(self) -> None:
        """Raise ``StorageError`` while the object store keeps nothing, as of the last probe."""
        self.probe.raise_for_store()

    def creates(self) -> str | None:
        """Return why creates would fail, as ``WriteProbe.reason`` does; None if they would not."""
        return self.probe.reason()

    def engines(self) -> Mapping[str, str]:
        """Return the condition of each engine, by name: one word."""
        return {one.state.name: one.condition for one in self.services.core.engines.engines()}

    def clock(self) -> str:
        """Return ``ok``, or the reason in one word why this machine's clock is not believed."""
        return self.services.core.clocks.status().doubt or "ok"

    def slots(self) -> Mapping[str, tuple[int, int]]:
        """Return this process's occupied slots and all of them, by engine; empty if it has none."""
        if self.worker is None:
            return {}
        slots, occupied = self.worker.slots, self.worker.slots.occupied()
        return {engine: (occupied[engine], total) for engine, total in slots.total.items()}

    def worker_list(self) -> list[tuple[str, datetime, bool]]:
        """Return the workers: id, last heartbeat, and if that is fresh."""
        found = list_workers(self.services.db, self.services.clock)
        return [(one.id, one.last_heartbeat_at, one.is_alive) for one in found]

    def settings(self) -> list[tuple[str, Any, str, str | None]]:
        """Return the settings: name, value, source and its place; secrets are hidden."""
        settings = self.services.settings
        published = PublishedSettings(self.services.db, self.services.clock).read()
        shared = {} if published is None else from_document(published.document)
        found = setting_origins(settings, _arguments(settings), shared)
        return [(one.name, one.value, one.source.value, one.place) for one in found]

    async def doctor(self) -> list[dict[str, str]]:
        """Return the checks of `hinode doctor`: name, status, detail and remedy."""
        return await self.doctor_process.results()

    def free_bytes(self) -> int:
        """Return the free space of the data folder."""
        return shutil.disk_usage(self.services.settings.data).free

    def _read_database(self) -> None:
        # Which also tells a proxy to leave a server that an upgrade has left behind.
        check_served(self.services.db)

    def _read_storage(self) -> None:
        if error := self.store_reads.error():
            raise error


def probe_store_reads(store: ObjectStore) -> CachedProbe:
    """Return the probe of reads; "not found" of one object would not tell of a missing bucket."""
    return _store_probe(lambda: deque(store.list(_NO_FOLDER), maxlen=0))


def _store_probe(
    check: Callable[[], object], monotonic: Callable[[], float] = time.monotonic
) -> CachedProbe:
    late = StorageError("The object store does not answer.", hint="Run `hinode doctor`.")
    return CachedProbe(check, late, PROBE_INTERVAL_SECONDS, monotonic)


def _arguments(settings: Settings) -> dict[str, Any]:
    """Return the settings that the command's arguments gave: those that nothing else explains."""
    without = load_settings(data=settings.data)
    return {
        "data": settings.data,
        **{
            name: getattr(settings, name)
            for name in _OPTIONS
            if getattr(settings, name) != getattr(without, name)
        },
    }


@dataclass(slots=True)
class WriteProbe:
    """Writes a fixed row and a probe object; each result is cached for one interval."""

    services: Services
    monotonic: Callable[[], float] = time.monotonic
    _store: CachedProbe = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _probed_at: float | None = None
    _database: Exception | None = None

    def __post_init__(self) -> None:
        self._store = _store_probe(self.services.store.check, self.monotonic)

    def reason(self) -> str | None:
        """Return the host failure of the last probe, ``failed`` if unknown; None on success."""
        error = self._database_error() or self._store.error()
        return None if error is None else host_failure(error) or "failed"

    def raise_for_store(self) -> None:
        """Raise what the last write of a probe object raised."""
        if error := self._store.error():
            raise error

    def _database_error(self) -> Exception | None:
        with self._lock:
            if self._is_due():
                self._database = self._write_row()
                self._probed_at = self.monotonic()
            return self._database

    def _is_due(self) -> bool:
        at = self._probed_at
        return at is None or self.monotonic() - at >= PROBE_INTERVAL_SECONDS

    def _write_row(self) -> Exception | None:
        try:
            probe_write(self.services.db, self.services.clock.now())
        except Exception as error:
            return error
        return None
