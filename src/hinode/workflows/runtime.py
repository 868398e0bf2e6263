"""DBOS in this process: launch, queues, recovery of dead workers' jobs, shutdown.

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
from uuid import UUID

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from hinode.core.characters.processing import CharacterProcessor
from hinode.db.database import Database
from hinode.engines.base import JSON
from hinode.kit.clock import Clock
from hinode.workflows import database_outages, names
from hinode.workflows.batches import BatchRunner
from hinode.workflows.deliver import WebhookSender
from hinode.workflows.engine_slots import EngineSlots
from hinode.workflows.heartbeat import Heartbeat, Worker
from hinode.workflows.host_retry import HostRetry
from hinode.workflows.queue_listener import QueueListener
from hinode.workflows.queue_signals import (
    IDLE_FACTOR,
    OTHERS_IDLE_FACTOR,
    QueueSignals,
    polling_threads,
)
from hinode.workflows.queues import create_tables, register_queues
from hinode.workflows.render import Renderer
from hinode.workflows.running_steps import RunningSteps, StrandedWorkflows
from hinode.workflows.scheduler import Scheduler

LISTENER_POLL_SECONDS = 0.1
"""Poll interval of DBOS's listener; a stop waits this long for it."""

_PRUNED_BATCH, _PRUNED_BATCHES = 1_000, 50
"""Workflows of one transaction, and transactions of one pruning."""

_active_runtime: Runtime | None = None
log = structlog.get_logger("hinode.worker")


class Runtime:
    """Runs workflows in this process, from :meth:`start` to :meth:`stop`."""

    def __init__(
        self,
        worker_id: str,
        *,
        db: Database,
        renderer: Renderer,
        webhook_sender: WebhookSender,
        characters: CharacterProcessor,
        batches: BatchRunner | None,
        scheduler: Scheduler,
        slots: EngineSlots,
        retry: HostRetry,
        signals: QueueSignals,
        locks: Path,
        clock: Clock,
    ) -> None:
        self.renderer = renderer
        self.webhook_sender = webhook_sender
        self.characters = characters
        self.batches = batches
        self.retry = retry
        self.steps = RunningSteps()
        self._stranded = StrandedWorkflows()
        self._signals = signals
        self._listener = QueueListener(db, signals)
        self._db = db
        self.slots = slots
        self._heartbeat = Heartbeat(db, locks, worker_id, clock)
        self._scheduler = scheduler
        self._stopping = threading.Event()
        self._dbos: DBOS | None = None
        self._scheduler_thread = threading.Thread(
            target=self._run_scheduler, name="hinode-scheduler", daemon=True
        )
        self._heartbeat_thread = threading.Thread(
            target=self._run_heartbeat, name="hinode-heartbeat", daemon=True
        )

    def start(self) -> None:
        """Launch DBOS, resume the work of dead workers, and start taking work.

        Raises ``RuntimeError`` when another runtime runs in this process.
        """
        global _active_runtime  # noqa: PLW0603 - DBOS is one per process
        if _active_runtime is not None:
            raise RuntimeError("one process runs one worker: stop the other first")
        _active_runtime = self
        quiet_dbos()
        self._heartbeat.start()
        # Queues must be registered before the launch to be served from its start.
        create_tables(self._db)
        register_queues(self._db, self.slots.total)
        self._dbos = DBOS(config=self._config())
        served = self._served_queues()
        DBOS.listen_queues(sorted(served))
        DBOS.launch()
        database_outages.install(self._dbos)
        self.slots.install(self._dbos)
        self._signals.install(self._dbos, served, self.steps.busy)
        self._recover_dead_workers()
        self._listener.start()
        self._scheduler_thread.start()
        self._heartbeat_thread.start()
        log.info("worker started", worker=self._heartbeat.worker_id)

    def stop(self, grace: timedelta) -> None:
        """Take no more work; let renders finish within the grace period; leave the others."""
        global _active_runtime  # noqa: PLW0603 - DBOS is one per process
        self._stopping.set()
        self.retry.shutting_down.set()
        self._listener.stop()
        self._stop_queues()
        busy = bool(self.renderer.active)
        seconds = int(grace.total_seconds()) if busy else 0
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        for thread in (self._scheduler_thread, self._heartbeat_thread):
            if thread.is_alive():
                thread.join(timeout=5)
        self._heartbeat.stop()
        _active_runtime = None
        log.info("worker stopped", handed_back=len(self.renderer.active))

    @property
    def alive(self) -> bool:
        """True while the scheduler of this worker runs."""
        return self._scheduler_thread.is_alive() and not self._stopping.is_set()

    def _served_queues(self) -> dict[str, int]:
        """Return the queues to poll: not those of engines that are installed elsewhere only.

        Each has the factor of its interval while the process is idle.
        """
        renders = [names.render_queue(engine) for engine in self.slots.total]
        batches = [] if self.batches is None else [names.BATCHES]
        others = [names.DELIVERIES, names.CAMEOS, *batches]
        return dict.fromkeys(renders, IDLE_FACTOR) | dict.fromkeys(others, OTHERS_IDLE_FACTOR)

    def _stop_queues(self) -> None:
        """Let every queue finish its poll: DBOS would close the event loop under a running one."""
        for event in self._dbos.background_thread_stop_events if self._dbos else []:
            event.set()
        # DBOS joins these threads, too, and two joins of one thread at the same moment can fail
        # at its lock (Python 3.11): wait for their end instead.
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and polling_threads():
            time.sleep(0.01)

    def _config(self) -> DBOSConfig:
        return {
            "name": names.APPLICATION,
            "system_database_url": self._db.connection_url.render_as_string(hide_password=False),
            "application_version": names.VERSION,
            "executor_id": self._heartbeat.worker_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "ERROR",
            "console_log_level": "ERROR",
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": LISTENER_POLL_SECONDS,
        }

    def _run_heartbeat(self) -> None:
        """Write heartbeats in their own thread: a long task must not make the worker seem dead."""
        while not self._stopping.wait(self._scheduler.tick_seconds):
            try:
                self._heartbeat.beat()
            except Exception as error:
                self.retry.failures.record_any("heartbeat failed; retrying", error)

    def _run_scheduler(self) -> None:
        """Recover dead workers and run due tasks; a failed round is logged and retried."""
        while not self._stopping.wait(self._scheduler.tick_seconds):
            try:
                self._recover_dead_workers()
                self._resume_stranded()
                self._scheduler.run_due()
            except Exception as error:
                self.retry.failures.record_any("scheduler failed; retrying", error)

    def _recover_dead_workers(self) -> None:
        for worker in self._heartbeat.dead():
            with self._heartbeat.claim_dead_worker(worker) as mine:
                if mine:
                    self._resume_workflows_of(worker)

    def _resume_workflows_of(self, worker: Worker) -> None:
        left = _pending_workflows(worker.id)
        for workflow_id, queue in left.items():
            self._resume(workflow_id, queue)
        if left:
            log.info("took over the work of a dead worker", worker=worker.id, workflows=len(left))

    def _resume_stranded(self) -> None:
        """Resume this worker's own pending workflows that nothing runs, as after an outage."""
        running = self.steps.ids()
        pending = _pending_workflows(self._heartbeat.worker_id)
        stranded = self._stranded.observe(pending, running, time.monotonic())
        for workflow_id in stranded:
            self._resume(workflow_id, pending[workflow_id])
        if stranded:
            log.warning("workflows that nothing ran are resumed", workflows=len(stranded))

    def _resume(self, workflow_id: str, queue: str | None) -> None:
        DBOS.resume_workflow(workflow_id, queue_name=queue)
        if queue is not None:
            self._signals.wake(queue)


@DBOS.workflow(name=names.RENDER)
async def _render(job_hex: str, dispatch_no: int = 0) -> None:
    ticket = await _submit(job_hex, dispatch_no)
    if ticket is not None:
        await _collect(job_hex, ticket, dispatch_no)


@DBOS.step(name="submit")
async def _submit(job_hex: str, dispatch_no: int) -> dict[str, JSON] | None:
    runtime = _runtime()
    with runtime.steps.run(names.render_workflow_id(job_hex, dispatch_no)):
        return await runtime.renderer.submit(job_hex, dispatch_no)


@DBOS.step(name="collect")
async def _collect(job_hex: str, ticket: dict[str, JSON], dispatch_no: int) -> None:
    runtime = _runtime()
    with runtime.steps.run(names.render_workflow_id(job_hex, dispatch_no)):
        await runtime.renderer.collect(job_hex, ticket, dispatch_no)


@DBOS.workflow(name=names.DELIVER)
async def _deliver(delivery_hex: str, number: int) -> None:
    await _attempt(delivery_hex, number)


@DBOS.step(name="attempt")
async def _attempt(delivery_hex: str, number: int) -> None:
    runtime = _runtime()
    with runtime.steps.run(names.delivery_workflow_id(delivery_hex, number)):
        await runtime.webhook_sender.attempt(delivery_hex, number)


@DBOS.workflow(name=names.CAMEO)
async def _cameo(cameo_hex: str) -> None:
    await _process(cameo_hex)


@DBOS.step(name="process")
async def _process(cameo_hex: str) -> None:
    runtime = _runtime()
    with runtime.steps.run(names.cameo_workflow_id(cameo_hex)):
        await runtime.retry.call(runtime.characters.process, UUID(cameo_hex))


@DBOS.workflow(name=names.BATCH)
async def _batch(batch_hex: str) -> None:
    await _work_off(batch_hex)


@DBOS.step(name="work off")
async def _work_off(batch_hex: str) -> None:
    runtime = _runtime()
    if runtime.batches is None:
        raise LookupError("this worker serves no batches")
    with runtime.steps.run(names.batch_workflow_id(batch_hex)):
        await runtime.batches.run(UUID(batch_hex))


def _pending_workflows(worker_id: str) -> dict[str, str | None]:
    """Return the ids of a worker's pending workflows, each with its queue."""
    pending = DBOS.list_workflows(
        executor_id=worker_id, status="PENDING", load_input=False, load_output=False
    )
    return {one.workflow_id: one.queue_name for one in pending}


def _runtime() -> Runtime:
    if _active_runtime is None:
        # The worker is shutting down: leave the workflow for another worker to resume.
        raise asyncio.CancelledError
    return _active_runtime


def quiet_dbos() -> None:
    """Log only warnings and errors of DBOS."""
    logging.getLogger("dbos").setLevel(logging.WARNING)


def prune_workflows(older_than: timedelta, clock: Clock) -> int:
    """Delete old finished workflows, not their jobs. Returns how many.

    In batches, each in its transaction, and not for ever: the scheduler has other tasks.
    """
    before, pruned = (clock.now() - older_than).isoformat(), 0
    for _ in range(_PRUNED_BATCHES):
        finished: list[Any] = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            end_time=before,
            limit=_PRUNED_BATCH,
            load_input=False,
            load_output=False,
        )
        if finished:
            DBOS.delete_workflows([workflow.workflow_id for workflow in finished])
        pruned += len(finished)
        if len(finished) < _PRUNED_BATCH:
            break
    return pruned
