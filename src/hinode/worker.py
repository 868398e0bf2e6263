"""The composition root of the worker: rendering, webhook delivery, periodic tasks."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import timedelta
from functools import partial

import structlog

from hinode.components import models_without_engine, temporary_folder
from hinode.core.cluster.keyring import ClusterKeySource
from hinode.core.cluster.types import KeyPurpose
from hinode.core.jobs.expiry import SWEEP_BATCH
from hinode.core.jobs.library import ERASED_AT_ONCE
from hinode.core.jobs.place_days import CHANGES_AT_ONCE
from hinode.core.jobs.place_sums import HOURS_AT_ONCE
from hinode.core.timekeeping.uptime import UptimeCounter
from hinode.core.webhooks.delivery import DELETED_EVENTS
from hinode.engines.provenance import ArtifactSigner
from hinode.kit.ids import new_id
from hinode.kit.proxy import parse_proxy
from hinode.kit.temporary_files import remove_stale
from hinode.services import Services
from hinode.workflows.batches import BatchClients, BatchRunner
from hinode.workflows.cancellation import CancellationMonitor
from hinode.workflows.clock_guard import ClockGuard
from hinode.workflows.delays import DelayCorrection
from hinode.workflows.deliver import WebhookSender, delivery_policy
from hinode.workflows.engine_slots import EngineSlots
from hinode.workflows.host_retry import HostRetry
from hinode.workflows.job_lines import JobLines
from hinode.workflows.maintenance import EngineMaintenance
from hinode.workflows.render import Renderer
from hinode.workflows.runtime import Runtime, prune_workflows
from hinode.workflows.scheduler import PeriodicTask, Scheduler
from hinode.workflows.workspace import JobWorkspace, clear_left

log = structlog.get_logger("hinode.worker")

_WORK, _LOCKS = "work", "workers"
WORKFLOW_RETENTION = timedelta(hours=24)


def build_worker(services: Services, batch_clients: BatchClients | None = None) -> Runtime:
    """Build the worker; it does nothing before ``start``.

    Without ``batch_clients`` it leaves batches to other workers.
    """
    settings, core = services.settings, services.core
    _warn_of_missing_engines(services)
    retry = HostRetry(timedelta(hours=settings.queue_timeout_hours))
    worker_id = f"w-{new_id().hex}"
    reserve = settings.min_free_disk_mb * 1_000_000
    workspace = JobWorkspace(services.store, settings.data / _WORK / worker_id, reserve)
    guard, slots = ClockGuard(core.clocks), _engine_slots(services)
    policy = delivery_policy(settings.allow_hosts, parse_proxy(settings.proxy))
    return Runtime(
        worker_id,
        db=services.db,
        renderer=_renderer(services, workspace, retry, worker_id, slots),
        webhook_sender=WebhookSender(core.deliveries, policy, retry),
        characters=core.character_processor,
        batches=None
        if batch_clients is None
        else BatchRunner(core.batches, batch_clients, guard.is_believed, retry),
        scheduler=Scheduler(_periodic_tasks(services, guard)),
        slots=slots,
        retry=retry,
        signals=services.signals,
        locks=settings.data / _LOCKS,
        clock=services.clock,
    )


def _renderer(
    services: Services,
    workspace: JobWorkspace,
    retry: HostRetry,
    worker_id: str,
    slots: EngineSlots,
) -> Renderer:
    execution = services.core.execution
    lines = JobLines(execution, retry.failures, worker_id)
    return Renderer(
        execution,
        services.core.router,
        services.engines,
        workspace,
        ArtifactSigner(ClusterKeySource(services.keyring, KeyPurpose.PROVENANCE)),
        CancellationMonitor(execution, retry.failures, lines),
        lines,
        slots,
        retry,
        services.core.jobs.moderation,
    )


def _engine_slots(services: Services) -> EngineSlots:
    names = [engine.name for engine in services.engines.all()]
    return EngineSlots({one: services.settings.engine_settings(one).concurrency for one in names})


def _periodic_tasks(services: Services, guard: ClockGuard) -> list[PeriodicTask]:
    return [
        *(replace(one, run=guard.guarded(one.run)) for one in _tasks_by_age(services)),
        PeriodicTask("delays", 0.0, DelayCorrection().run),
        PeriodicTask("uptime", 60.0, UptimeCounter(services.db).count),
        PeriodicTask("offers", 30.0, lambda: _offer_engines(services)),
        PeriodicTask("accounts", 30.0, EngineMaintenance(services.engines).start),
    ]


def _tasks_by_age(services: Services) -> list[PeriodicTask]:
    """Return the tasks that end or remove what is old enough: they wait for a believed clock."""
    core, files, data = services.core, temporary_folder(services.settings), services.settings.data
    return [
        sweep_task(services),
        *_overflow_tasks(services),
        *_stranded_tasks(services),
        PeriodicTask("deleted jobs", 30.0, core.library.erase_deleted, batch=ERASED_AT_ONCE),
        PeriodicTask("orphans", 3600.0, core.orphan_cleanup.run),
        PeriodicTask("characters", 3600.0, core.character_cleanup.run),
        PeriodicTask("old keys", 3600.0, core.key_cleanup.run),
        PeriodicTask("webhooks", 600.0, core.deliveries.delete_old_events, batch=DELETED_EVENTS),
        PeriodicTask("sums of hours", 300.0, core.place_sums.keep, batch=HOURS_AT_ONCE),
        PeriodicTask("usage", 30.0, core.reports.add_up, batch=CHANGES_AT_ONCE),
        PeriodicTask("work folders", 3600.0, lambda: clear_left(data / _WORK, data / _LOCKS)),
        PeriodicTask("temporary files", 3600.0, lambda: remove_stale(files)),
        PeriodicTask("leases", 60.0, core.upstreams.delete_ended_leases),
        PeriodicTask(
            "workflows", 600.0, lambda: prune_workflows(WORKFLOW_RETENTION, services.clock)
        ),
    ]


def _warn_of_missing_engines(services: Services) -> None:
    installed = {engine.name for engine in services.engines.all()} | services.engines.left_out
    for engine, models in models_without_engine(services.core.jobs.catalog, installed).items():
        log.warning(
            "an engine is not installed here: only other workers can render its models",
            engine=engine,
            models=", ".join(models[:5]) + (" …" if len(models) > 5 else ""),
            remedy=f"install it, or add [engines.{engine}] to hinode.toml",
        )


def _overflow_tasks(services: Services) -> list[PeriodicTask]:
    """Return the task that moves waiting jobs to overflow routes; none without such routes.

    As many jobs may wait at such an engine as this server renders there at once.
    """
    routes = [one for model in services.core.jobs.catalog.models() for one in model.routes]
    names = {one.engine for one in routes if one.overflow_after is not None}
    places = {one: services.settings.engine_settings(one).concurrency for one in names}
    move = partial(services.core.router.move_overflow, places)
    return [PeriodicTask("overflow", 0.0, move)] if places else []


def _stranded_tasks(services: Services) -> list[PeriodicTask]:
    """Return the task that moves jobs away from engines without a worker; none without choices."""
    if all(len(model.routes) < 2 for model in services.core.jobs.catalog.models()):
        return []
    return [PeriodicTask("stranded", 15.0, services.core.router.move_stranded)]


def _offer_engines(services: Services) -> int:
    services.core.engines.record_offers(services.directory.here)
    return 0


def sweep_task(services: Services) -> PeriodicTask:
    """Return the task that ends overdue jobs, removes expired files and archives old jobs."""

    def sweep() -> int:
        return sum(astuple(services.core.job_cleanup.sweep()))

    return PeriodicTask("sweep", 30.0, sweep, batch=SWEEP_BATCH)
