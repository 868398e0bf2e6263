"""DBOS in this process: its launch, its queues, the takeover of dead workers' jobs, its end.

DBOS is one per process, so this module alone keeps a global: the runtime that its registered
workflow and steps serve.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from hinode.db.database import Database
from hinode.engines.base import JSON
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.workflows import names
from hinode.workflows.cameo import CameoMaker
from hinode.workflows.deliver import Courier
from hinode.workflows.heartbeat import Heartbeat, Worker
from hinode.workflows.queues import QueuePlan, create_tables, register_queues
from hinode.workflows.render import Renderer
from hinode.workflows.upkeep import Upkeep

LISTENER_POLL_SECONDS = 0.1
"""How often DBOS's listener wakes, though nobody notifies it: a stop waits for it this long."""

_bound: Runtime | None = None
log = structlog.get_logger("hinode.worker")


class Runtime:
    """Runs workflows in this process, from :meth:`start` to :meth:`stop`."""

    def __init__(
        self,
        *,
        db: Database,
        renderer: Renderer,
        courier: Courier,
        cameos: CameoMaker,
        upkeep: Upkeep,
        queues: list[QueuePlan],
        locks: Path,
        clock: Clock,
    ) -> None:
        self.renderer = renderer
        self.courier = courier
        self.cameos = cameos
        self._db = db
        self._queues = queues
        self._heartbeat = Heartbeat(db, locks, f"w-{new_id().hex}", clock)
        self._upkeep = upkeep
        self._stopping = threading.Event()
        self._dbos: DBOS | None = None
        self._keeper = threading.Thread(target=self._keep, name="hinode-upkeep", daemon=True)
        self._pulse = threading.Thread(target=self._beat, name="hinode-heartbeat", daemon=True)

    def start(self) -> None:
        """Launch DBOS, take over what dead workers left, and begin to take work.

        Raises ``RuntimeError`` when another runtime runs in this process.
        """
        global _bound  # noqa: PLW0603 - DBOS is one per process
        if _bound is not None:
            raise RuntimeError("one process runs one worker: stop the other first")
        _bound = self
        quiet_dbos()
        self._heartbeat.start()
        # Queues that are there before the launch are served from its first moment.
        create_tables(self._db)
        register_queues(self._db, self._queues)
        self._dbos = DBOS(config=self._config())
        DBOS.launch()
        self._take_over()
        self._keeper.start()
        self._pulse.start()
        log.info("worker started", worker=self._heartbeat.worker_id)

    def stop(self, grace: timedelta) -> None:
        """Take no more work, let running renders finish within the grace, hand back the rest."""
        global _bound  # noqa: PLW0603 - DBOS is one per process
        self._stopping.set()
        self.renderer.leaving.set()
        self._take_no_more()
        busy = bool(self.renderer.active)
        seconds = int(grace.total_seconds()) if busy else 0
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        for thread in (self._keeper, self._pulse):
            if thread.is_alive():
                thread.join(timeout=5)
        self._heartbeat.stop()
        _bound = None
        log.info("worker stopped", handed_back=len(self.renderer.active))

    @property
    def alive(self) -> bool:
        """Whether this worker is keeping house, which it does as long as it lives."""
        return self._keeper.is_alive() and not self._stopping.is_set()

    def _take_no_more(self) -> None:
        """Let every queue finish its look first: DBOS closes its loop under one that is in it."""
        for event in self._dbos.background_thread_stop_events if self._dbos else []:
            event.set()
        # DBOS joins these threads, too, and two that join one thread at the same moment can trip
        # over its lock (seen in Python 3.11): watch them go instead.
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _queue_threads():
            time.sleep(0.01)

    def _config(self) -> DBOSConfig:
        return {
            "name": names.APPLICATION,
            "system_database_url": self._db.url.render_as_string(hide_password=False),
            "application_version": names.VERSION,
            "executor_id": self._heartbeat.worker_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "console_log_level": "ERROR",
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": LISTENER_POLL_SECONDS,
        }

    def _beat(self) -> None:
        """Beat until the end, however long a chore takes: a silent worker is taken for dead."""
        while not self._stopping.wait(self._upkeep.interval):
            try:
                self._heartbeat.beat()
            except Exception:
                log.exception("the heartbeat failed; it is tried again")

    def _keep(self) -> None:
        """Take over and sweep until the end; a failed round is logged and tried again."""
        while not self._stopping.wait(self._upkeep.interval):
            try:
                self._take_over()
                self._upkeep.round()
            except Exception:
                log.exception("upkeep failed; it is tried again")

    def _take_over(self) -> None:
        for worker in self._heartbeat.dead():
            with self._heartbeat.burying(worker) as mine:
                if mine:
                    self._resume_work_of(worker)

    def _resume_work_of(self, worker: Worker) -> None:
        left = DBOS.list_workflows(
            executor_id=worker.id, status="PENDING", load_input=False, load_output=False
        )
        for workflow in left:
            DBOS.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)
        if left:
            log.info("took over the work of a dead worker", worker=worker.id, workflows=len(left))


@DBOS.workflow(name=names.RENDER)
async def _render(job_hex: str, hop: int = 0) -> None:
    ticket = await _submit(job_hex, hop)
    if ticket is not None:
        await _collect(job_hex, ticket, hop)


@DBOS.step(name="submit")
async def _submit(job_hex: str, hop: int) -> dict[str, JSON] | None:
    return await _runtime().renderer.submit(job_hex, hop)


@DBOS.step(name="collect")
async def _collect(job_hex: str, ticket: dict[str, JSON], hop: int) -> None:
    await _runtime().renderer.collect(job_hex, ticket, hop)


@DBOS.workflow(name=names.DELIVER)
async def _deliver(delivery_hex: str, number: int) -> None:
    await _attempt(delivery_hex, number)


@DBOS.step(name="attempt")
async def _attempt(delivery_hex: str, number: int) -> None:
    await _runtime().courier.attempt(delivery_hex, number)


@DBOS.workflow(name=names.CAMEO)
async def _cameo(cameo_hex: str) -> None:
    await _process(cameo_hex)


@DBOS.step(name="process")
async def _process(cameo_hex: str) -> None:
    await _runtime().cameos.process(cameo_hex)


def _runtime() -> Runtime:
    if _bound is None:
        # The worker is going away: leave the workflow as it is, somebody takes it over.
        raise asyncio.CancelledError
    return _bound


def _queue_threads() -> bool:
    return any(thread.name.startswith("queue-worker-") for thread in threading.enumerate())


def quiet_dbos() -> None:
    """Keep DBOS's own chatter out of the log; its warnings stay."""
    logging.getLogger("dbos").setLevel(logging.WARNING)


def prune_workflows(older_than: timedelta, clock: Clock, limit: int = 1000) -> int:
    """Delete finished workflows of the past; the jobs they rendered stay. Returns how many."""
    before = (clock.now() - older_than).isoformat()
    finished: list[Any] = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
        end_time=before,
        limit=limit,
        load_input=False,
        load_output=False,
    )
    ids = [workflow.workflow_id for workflow in finished]
    if ids:
        DBOS.delete_workflows(ids)
    return len(ids)
