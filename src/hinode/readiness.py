"""Readiness checks: database and object store reads, writes, live workers, engines."""

from __future__ import annotations

import shutil
import threading
import time
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
from hinode.services import Services
from hinode.storage.errors import ObjectMissing
from hinode.workflows.heartbeat import count_alive, list_workers
from hinode.workflows.runtime import Runtime

PROBE_INTERVAL_SECONDS = 15.0
"""The shortest interval between two write probes."""
_OPTIONS = ("database", "storage", "host", "port", "workers")
_MISSING_KEY = "readiness/none"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The readiness checks of one server; all methods but one block.

    ``worker`` is None in a server without one: workers of other processes may run its jobs.
    """

    services: Services
    worker: Runtime | None
    probe: WriteProbe
    doctor_process: DoctorProcess

    def reads(self) -> Mapping[str, Callable[[], None]]:
        """Return the read checks by name; a check raises when its dependency fails."""
        return {"database": self._read_database, "storage": self._read_storage}

    def workers(self) -> None:
        """Raise ``RuntimeError`` when the worker of this process stopped, or none is alive."""
        if self.worker is not None and not self.worker.alive:
            raise RuntimeError("the worker of this process has stopped")
        if count_alive(self.services.db, self.services.clock) == 0:
            raise RuntimeError("no worker is alive; start one with `hinode worker`")

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
        try:
            self.services.store.head(_MISSING_KEY)
        except ObjectMissing:
            return


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
    """Writes a fixed row and a probe object; the result is cached for one interval."""

    services: Services
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _probed_at: float | None = None
    _reason: str | None = None

    def reason(self) -> str | None:
        """Return the host failure of the last probe, ``failed`` if unknown; None on success."""
        with self._lock:
            if self._is_due():
                self._reason = self._probe()
                self._probed_at = self.monotonic()
            return self._reason

    def _is_due(self) -> bool:
        at = self._probed_at
        return at is None or self.monotonic() - at >= PROBE_INTERVAL_SECONDS

    def _probe(self) -> str | None:
        try:
            probe_write(self.services.db, self.services.clock.now())
            self.services.store.check()
        except Exception as error:
            return host_failure(error) or "failed"
        return None
