"""The composition root of the HTTP server: services in, ASGI application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import anyio.to_thread
from starlette.applications import Starlette

from hinode.api.account_watcher import AccountWatcher
from hinode.api.application import build_application, build_probes
from hinode.api.context import ApiContext
from hinode.api.job_watcher import JobWatcher
from hinode.api.openai.batch_lines import BatchRequests
from hinode.api.place_watcher import PlaceWatcher
from hinode.api.text_model import open_text_model
from hinode.components import open_sign_on
from hinode.doctor_process import DoctorProcess
from hinode.engines.base import SupportsAccounts, SupportsCallbacks
from hinode.kit.proxy import parse_proxy
from hinode.kit.safe_fetch import FetchPolicy
from hinode.kit.thread_pool import ThreadPool
from hinode.readiness import Readiness, WriteProbe, probe_store_reads
from hinode.services import Services
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from hinode.workflows.runtime import Runtime

SERVICE_THREADS, SPARE_THREADS = 3, 5
"""Threads that run the synchronous service calls of requests on SQLite, which waits for little but
the interpreter's lock: with six, retrieves are a third slower."""

CREATE_THREADS = 8
"""Threads of creates on SQLite: those that wait for the disk share a commit."""

SERVICE_THREADS_WITH_POSTGRESQL = 6
"""Threads of all requests on PostgreSQL, which waits for the network."""

MODERATED_CREATE_THREADS = 32
"""Threads of creates where these wait for a moderator; more creates wait for a thread."""


def create_app(services: Services) -> Starlette:
    """Build the ASGI application; its lifespan starts and stops the worker of this process."""
    context = build_context(services)
    worker = None
    if services.settings.workers:
        worker = build_worker(services, BatchRequests(context))
        context = _with_worker(context, services, worker)
    shutdown = _Shutdown(context, services, worker)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(_start, services, worker)
        try:
            yield
        finally:
            await shutdown.begin()
            await context.decoder.close()
            context.thread_pool.shutdown()
            if context.create_pool is not None:
                context.create_pool.shutdown()

    app = build_application(context, lifespan)
    # For the server process: streams and jobs end while it waits for open connections.
    app.state.begin_shutdown = shutdown.begin
    return app


def create_probes(services: Services, context: ApiContext, worker: Runtime) -> Starlette:
    """Build the ASGI application that tells of a worker without a server."""
    return build_probes(_with_worker(context, services, worker))


class _Shutdown:
    """Ends the event streams and stops the worker, once."""

    def __init__(self, context: ApiContext, services: Services, worker: Runtime | None) -> None:
        self._context = context
        self._services = services
        self._worker = worker
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Begin, unless it has begun; return the task that ends with it."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="hinode-shutdown")
        return self._task

    async def _run(self) -> None:
        await self._context.watcher.close()
        await self._context.account_watcher.close()
        await self._context.place_watcher.close()
        await anyio.to_thread.run_sync(_stop, self._services, self._worker)


def build_context(services: Services) -> ApiContext:
    """Build the context that all routes share, of a process without a worker."""
    settings = services.settings
    limit = int(settings.max_body_mb * 1_000_000)
    readiness = _readiness(services, None)
    return ApiContext(
        core=services.core,
        links=services.links,
        watcher=JobWatcher(services.core.jobs.progress_of, settings.stream_keep_alive_seconds),
        account_watcher=AccountWatcher(services.core.activity.look, services.clock),
        place_watcher=PlaceWatcher(services.core, readiness.worker_list),
        thread_pool=_service_pool(services),
        fetch_policy=FetchPolicy(
            max_bytes=limit,
            timeout_s=20.0,
            max_redirects=3,
            allow_hosts=settings.allow_hosts,
            proxy=parse_proxy(settings.proxy),
        ),
        upload_limit=limit,
        engines=services.directory,
        readiness=readiness,
        trusted_proxies=settings.trusted_proxies,
        text_model=open_text_model(settings.text_model),
        countries=frozenset(settings.countries),
        country_header=settings.country_header,
        callback_notifiers={
            one.name: one.notify
            for one in services.engines.all()
            if isinstance(one, SupportsCallbacks)
        },
        account_checks={
            one.name: one.check_account
            for one in services.engines.all()
            if isinstance(one, SupportsAccounts)
        },
        single_sign_on=open_sign_on(settings),
        groups_claim=settings.oidc.groups_claim,
        sign_on_button=settings.oidc.button if settings.oidc.enabled else "",
        strict_fields=settings.strict_fields,
        answer_app_tasks=settings.answer_app_tasks,
        create_pool=_create_pool(services),
    )


def _service_pool(services: Services) -> ThreadPool:
    if services.db.is_sqlite:
        return ThreadPool(SERVICE_THREADS, "hinode-service", SPARE_THREADS)
    return ThreadPool(SERVICE_THREADS_WITH_POSTGRESQL, "hinode-service")


def _create_pool(services: Services) -> ThreadPool | None:
    """Return the threads of creates, None for those of all requests."""
    if services.settings.moderation.enabled:
        return ThreadPool(MODERATED_CREATE_THREADS, "hinode-create")
    return ThreadPool(CREATE_THREADS, "hinode-create") if services.db.is_sqlite else None


def _with_worker(context: ApiContext, services: Services, worker: Runtime) -> ApiContext:
    return replace(context, readiness=_readiness(services, worker))


def _readiness(services: Services, worker: Runtime | None) -> Readiness:
    return Readiness(
        services,
        worker,
        WriteProbe(services),
        DoctorProcess(services.settings),
        probe_store_reads(services.store),
    )


def _start(services: Services, worker: Runtime | None) -> None:
    if worker is None:
        create_tables(services.db)
    else:
        worker.start()


def _stop(services: Services, worker: Runtime | None) -> None:
    if worker is not None:
        worker.stop(timedelta(seconds=services.settings.finishing_seconds))
