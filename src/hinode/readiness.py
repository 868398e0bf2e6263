"""Readiness checks: the database, the object store and a live worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from hinode.services import Services
from hinode.workflows.heartbeat import count_alive
from hinode.workflows.runtime import Runtime


def readiness_checks(
    services: Services, worker: Runtime | None
) -> Mapping[str, Callable[[], None]]:
    """Return the checks by name; each raises when its part does not work."""

    def database() -> None:
        with services.db.read() as conn:
            conn.execute(sa.text("SELECT 1"))

    def workers() -> None:
        if worker is not None and not worker.alive:
            raise RuntimeError("the worker of this process has stopped")
        if count_alive(services.db, services.clock) == 0:
            raise RuntimeError("no worker is alive; start one with `hinode worker`")

    return {"database": database, "storage": services.store.check, "workers": workers}
