"""The render workflow: submit once, then collect until the job has ended.

Each step is idempotent and returns plain JSON; a failure ends the job, not the workflow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import structlog

from hinode.core.host_failures import HostFailure, host_failure
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.moderation import (
    BLOCKED_CODE,
    OUTPUT_BLOCKED,
    OUTPUT_NOT_REVIEWED,
    review_outputs,
)
from hinode.core.jobs.router import DispatchDecision, EngineRouter
from hinode.core.jobs.types import DEADLINE, Job, JobError, RenderOrder
from hinode.engines.base import (
    JSON,
    Artifact,
    Capabilities,
    Engine,
    EngineError,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.finished_pictures import finish_pictures, spec_for_engine
from hinode.engines.provenance import ArtifactSigner
from hinode.engines.registry import EngineRegistry
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.moderation.gate import ModerationGate
from hinode.moderation.types import ModerationFailed, ReviewStage, Verdict
from hinode.workflows.cancellation import CancellationMonitor
from hinode.workflows.engine_slots import EngineSlots
from hinode.workflows.host_retry import HostRetry, Repeats
from hinode.workflows.job_lines import JobLines
from hinode.workflows.progress import ProgressTracker
from hinode.workflows.simulated_engine import SimulatedEngine
from hinode.workflows.workspace import JobWorkspace

INTERNAL = JobError(
    "internal_error", "The renderer failed unexpectedly; the operator's log says why."
)

MAX_OWN_FAILURES, MAX_WHILE_OTHERS_SUCCEED = 2, 1
"""Failures of memory or child processes that a job may have before it is taken to be their cause,
in all and when other jobs of its engine are completed meanwhile."""
_MAYBE_THE_JOBS_OWN = (HostFailure.MEMORY, HostFailure.CHILD_PROCESS)

ENGINE_POLL_SECONDS = 0.5
"""Interval in which a job polls an engine that is stopped or in its cooldown."""

log = structlog.get_logger("hinode.render")


class _JobStopped(Exception):
    """The job was canceled or has ended elsewhere."""


class _OutputRefused(EngineError):
    """An output that moderation did not let out."""

    def may_cost(self, *, accepted: bool) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders one job at a time per call, whichever process started it.

    A failure of the database is waited for at each call of it: no step of a job ends by one.
    """

    execution: JobExecution
    router: EngineRouter
    engines: EngineRegistry
    workspace: JobWorkspace
    signer: ArtifactSigner
    monitor: CancellationMonitor
    lines: JobLines
    slots: EngineSlots
    retry: HostRetry = field(default_factory=HostRetry)
    moderation: ModerationGate | None = None
    active: set[str] = field(default_factory=set)
    _completed_at: dict[str, float] = field(default_factory=dict)
    _tickets: dict[tuple[str, int], dict[str, JSON]] = field(default_factory=dict)

    async def submit(self, job_hex: str, dispatch_no: int) -> dict[str, JSON] | None:
        """Start the job and submit it to its engine; None when there is nothing to collect.

        A job that its engine rejects is queued again, with the next ``dispatch_no``.
        """
        if (kept := self._tickets.get((job_hex, dispatch_no))) is not None:
            # This step ended before, but an outage of the database stopped its checkpoint.
            collected = await self.retry.call(self.execution.is_collected, UUID(job_hex))
            return None if collected else kept
        if not await self._wait_for_engine(UUID(job_hex), dispatch_no):
            return None
        async with self._job_context(job_hex):
            order = await self._begin(job_hex, dispatch_no)
            if order is None:
                return None
            log.info("render begins", engine=order.job.engine, resumed=order.resumed)
            sent = False
            try:
                engine = self._engine_for(order.job)
                if order.resumed and not engine.capabilities().can_resubmit:
                    # A worker crashed after it started the job, which may have been submitted.
                    raise UpstreamError(FailureKind.UNCERTAIN)
                spec = await asyncio.to_thread(self._spec, order)
                sent = not engine.capabilities().can_resubmit
                ticket = await engine.submit(spec_for_engine(spec))
            except Exception as error:
                failure = None if sent else host_failure(error)
                if failure is not None:
                    await self._requeue(order.job, failure)
                else:
                    await self._handle_submit_error(order, error, sent=sent)
                return None
            # No step between the ticket and its checkpoint: a crash there loses the ticket.
            return self._tickets.setdefault((job_hex, dispatch_no), dict(ticket.data))

    async def _begin(
        self, job_hex: str, dispatch_no: int, ticket: dict[str, JSON] | None = None
    ) -> RenderOrder | None:
        # The job may have changed meanwhile: a suspended worker, taken for dead, continues here.
        tried_at: list[datetime] = []

        def begin() -> RenderOrder | None:
            tried_at.append(self.execution.clock.now())
            return self.execution.begin(UUID(job_hex), ticket, dispatch_no=dispatch_no)

        order = await self.retry.call(begin)
        if order is not None and len(tried_at) > 1 and _begun_since(order.job, tried_at[0]):
            # The first try was committed, only its confirmation was lost: no engine has the job.
            return replace(order, resumed=False)
        return order

    async def _wait_for_engine(self, job_id: UUID, dispatch_no: int) -> bool:
        """Wait until the job's engine accepts jobs; False when this worker must not run the job.

        When the worker shuts down meanwhile, the job stays queued for another one.
        """
        await self.retry.call(self.workspace.require_room)
        while True:
            decision = await self.retry.call(self.router.decide, job_id, dispatch_no)
            if decision is not DispatchDecision.WAIT:
                return decision is DispatchDecision.START
            await self.retry.pause(ENGINE_POLL_SECONDS)

    async def _requeue(self, job: Job, failure: HostFailure) -> None:
        """Queue a job again that met a failure of the host before any engine could have it."""
        log.warning("the host fails: the job is queued again", part=failure, engine=job.engine)
        await self.retry.call(self.router.host_failed, job, failure, requeue=True)

    async def _handle_submit_error(
        self, order: RenderOrder, error: Exception, *, sent: bool
    ) -> None:
        job = order.job
        if isinstance(error, EngineError) and error.not_accepted:
            log.warning("engine rejected submit", engine=job.engine, reason=str(error))
            router, retry_after, job_specific = self.router, error.retry_after, error.job_specific
            if await self.retry.call(
                router.submit_rejected, job, str(error), retry_after, job_specific=job_specific
            ):
                return
        elif isinstance(error, EngineError) and error.engine_fault and not order.resumed:
            await self.retry.call(self.router.engine_fault, job, str(error), error.retry_after)
        await self.retry.call(self.router.probe_inconclusive, job)
        may_cost = error.may_cost(accepted=False) if isinstance(error, EngineError) else sent
        await self._fail(job, error, may_cost=may_cost)

    def _spec(self, order: RenderOrder) -> RenderSpec:
        return self.workspace.build_spec(order, self.router.model_names(order.job))

    async def collect(self, job_hex: str, ticket: dict[str, JSON], dispatch_no: int) -> None:
        """Collect the files from the engine and end the job."""
        self._tickets.pop((job_hex, dispatch_no), None)
        async with self._job_context(job_hex):
            order = await self._begin(job_hex, dispatch_no, ticket)
            if order is None:
                await self._cancel_remote(UUID(job_hex), Ticket(ticket))
                return
            if order.resumed and not order.newly_submitted:
                log.info("render goes on", engine=order.job.engine, resumes=order.job.resume_count)
            try:
                if order.newly_submitted:
                    await self.retry.call(self._record_submitted, order.job)
                await self._render_despite_host(order, Ticket(ticket))
            except _JobStopped:
                log.info("render stopped", reason="the job is not running any more")
            except Exception as error:
                may_cost = not isinstance(error, EngineError) or error.may_cost(accepted=True)
                await self._fail(order.job, error, may_cost=may_cost)
                if isinstance(error, UpstreamError) and not error.ended:
                    # The upstream may still be rendering what nobody will collect.
                    await self._cancel_remote(UUID(job_hex), Ticket(ticket))
            finally:
                await asyncio.to_thread(self.workspace.clear, order.job)

    async def _render_despite_host(self, order: RenderOrder, ticket: Ticket) -> None:
        """Render; after a failure of the host repeat with the same ticket, in growing intervals.

        The job's deadline bounds it, which moves on up to the end of its time in the queue. Memory
        and child processes may fail because of what this very job needs: after some such failures,
        of which fewer count when other jobs succeed meanwhile, they are the job's own.
        """
        own, begun = 0, time.monotonic()
        with self.retry.repeats() as repeats:
            while True:
                try:
                    await self._render(order, ticket)
                    return
                except Exception as error:
                    failure = _failure_of_host(error)
                    own += failure in _MAYBE_THE_JOBS_OWN
                    others_succeed = self._completed_at.get(order.job.engine, begun) > begun
                    most = MAX_WHILE_OTHERS_SUCCEED if others_succeed else MAX_OWN_FAILURES
                    if failure is None or own > most:
                        raise
                    order = await self._wait_for_host(order, repeats, failure, error)

    async def _wait_for_host(
        self, order: RenderOrder, repeats: Repeats, failure: HostFailure, error: Exception
    ) -> RenderOrder:
        """Let the job's engine cool down, and pause; return the order with its later deadline.

        Raises ``TimeoutError`` at the deadline, which is never after the job's hours in the queue.
        """
        deadline = await self.retry.call(self.router.host_failed, order.job, failure)
        await repeats.pause(failure, error)
        later = (deadline - order.job.deadline_at).total_seconds()
        job, stop_at = replace(order.job, deadline_at=deadline), order.stop_at + later
        if time.monotonic() >= stop_at:
            raise TimeoutError
        return replace(order, job=job, stop_at=stop_at)

    def _record_submitted(self, job: Job) -> None:
        if job.options.simulate:
            self.router.probe_inconclusive(job)
        else:
            self.router.record_success(job.engine)

    async def _cancel_remote(self, job_id: UUID, ticket: Ticket) -> None:
        """Cancel the upstream work of a job that was canceled or failed meanwhile."""
        name = await self.retry.call(self.execution.engine_of_stopped, job_id)
        if name is not None and ticket.data:
            await self.engines.get(name).cancel(ticket)

    async def _render(self, order: RenderOrder, ticket: Ticket) -> None:
        with self.slots.freeing(order.job.engine) as free_slot:
            await self._render_in_slot(order, ticket, free_slot)

    async def _render_in_slot(
        self, order: RenderOrder, ticket: Ticket, free_slot: Callable[[], None]
    ) -> None:
        started = time.monotonic()
        engine = self._engine_for(order.job)
        tracker = ProgressTracker()
        spec = await asyncio.to_thread(self._spec, order)
        folder = self.workspace.output_dir(order.job)
        report, remaining = tracker.report, tracker.report_remaining
        context = RenderContext(spec_for_engine(spec), folder, report, remaining, free_slot)
        task = asyncio.create_task(engine.collect(ticket, context))
        try:
            artifacts = await self._wait_for_result(order, task, tracker)
        except (_JobStopped, TimeoutError):
            await engine.cancel(ticket)
            raise
        artifacts = await asyncio.to_thread(finish_pictures, spec, artifacts)
        await self._review(order.job, artifacts)
        await asyncio.to_thread(self.signer.sign, artifacts, engine, order.job.model, spec.model)
        completed = await self._complete(order, artifacts, engine.capabilities())
        self._completed_at[order.job.engine] = time.monotonic()
        log.info("render ended", completed=completed, seconds=round(time.monotonic() - started, 2))

    async def _review(self, job: Job, artifacts: list[Artifact]) -> None:
        """Have the outputs reviewed. Raises :class:`EngineError` for a block or no verdict."""
        gate = self.moderation
        if gate is None or ReviewStage.RENDER not in gate.stages:
            return
        try:
            review = await review_outputs(gate, job, artifacts)
        except ModerationFailed:
            raise _OutputRefused("moderation_unavailable", OUTPUT_NOT_REVIEWED) from None
        await self.retry.call(self.execution.save_review, job.id, review)
        if review.verdict is Verdict.BLOCK:
            raise _OutputRefused(BLOCKED_CODE, OUTPUT_BLOCKED)

    async def _complete(
        self, order: RenderOrder, artifacts: list[Artifact], declared: Capabilities
    ) -> bool:
        """Store the files and complete the job; while the host fails, repeat only that."""
        with self.retry.repeats() as repeats:
            while True:
                try:
                    return await asyncio.to_thread(
                        self.execution.complete,
                        order.job,
                        artifacts,
                        exact=declared.exact_output,
                        origin=declared.origin,
                    )
                except Exception as error:
                    failure = host_failure(error)
                    if failure is None or failure in _MAYBE_THE_JOBS_OWN:
                        raise
                    order = await self._wait_for_host(order, repeats, failure, error)

    def _engine_for(self, job: Job) -> Engine:
        engine, simulation = self.engines.get(job.engine), job.options.simulate
        return SimulatedEngine(engine, simulation) if simulation else engine

    async def _wait_for_result(
        self, order: RenderOrder, task: asyncio.Task[list[Artifact]], tracker: ProgressTracker
    ) -> list[Artifact]:
        """Wait for the engine; stop it on cancel, deadline or shutdown."""
        job, left = order.job, order.stop_at - time.monotonic()
        with self.monitor.watch(job.id, tracker) as stopped:
            gone = asyncio.create_task(stopped.wait())
            try:
                await asyncio.wait({task, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    return task.result()
                raise _JobStopped if gone.done() else TimeoutError
            finally:
                gone.cancel()
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _fail(self, job: Job, error: Exception, *, may_cost: bool) -> None:
        reason = job_error_from(error)
        if reason is INTERNAL:
            log.error("render crashed", exc_info=error)
        else:
            log.warning("render failed", code=reason.code, reason=reason.message)
        await self.retry.call(self.execution.fail_if_current, job, reason, may_cost=may_cost)

    @asynccontextmanager
    async def _job_context(self, job_hex: str) -> AsyncIterator[None]:
        """Keep the log lines with the job, and count it as active."""
        self.active.add(job_hex)
        try:
            async with self.lines.of_job(UUID(job_hex)):
                yield
        finally:
            self.active.discard(job_hex)


def _failure_of_host(error: Exception) -> HostFailure | None:
    if isinstance(error, EngineError) and error.host_suspected:
        return HostFailure.CHILD_PROCESS
    return host_failure(error)


def _begun_since(job: Job, first_try: datetime) -> bool:
    return job.resume_count == 1 and job.started_at is not None and job.started_at >= first_try


def job_error_from(error: Exception) -> JobError:
    """Return the public error for an exception of an engine."""
    if isinstance(error, EngineError):
        return JobError(error.code, str(error))
    if isinstance(error, TimeoutError):
        return DEADLINE
    return INTERNAL
