"""The render workflow: submit once, then collect until the job has ended.

Each step is idempotent and returns plain JSON; what goes wrong ends the job, not the workflow.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from hinode.engines.base import (
    JSON,
    Artifact,
    Engine,
    EngineError,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.registry import EngineRegistry
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.signing import ArtifactSigner
from hinode.studio.backstage import Backstage
from hinode.studio.jobs.types import DEADLINE, Job, JobError, RenderOrder
from hinode.studio.switchyard import Signal, Switchyard
from hinode.workflows.meter import Meter
from hinode.workflows.rehearsal import Rehearsal
from hinode.workflows.spec import Workshop
from hinode.workflows.watch import Watch

INTERNAL = JobError(
    "internal_error", "The renderer failed unexpectedly; the operator's log says why."
)

WAIT_SECONDS = 0.5
"""How often a job looks whether its engine, stopped or resting, may be given work again."""

log = structlog.get_logger("hinode.render")


class _Stop(Exception):
    """The job must not go on: it was canceled, or has ended elsewhere."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders one job at a time per call, whichever process started it.

    ``leaving`` is set when the process is about to end.
    """

    backstage: Backstage
    yard: Switchyard
    engines: EngineRegistry
    workshop: Workshop
    signer: ArtifactSigner
    watch: Watch
    active: set[str] = field(default_factory=set)
    leaving: threading.Event = field(default_factory=threading.Event)

    async def submit(self, job_hex: str, hop: int) -> dict[str, JSON] | None:
        """Start the job and hand it to its engine; None when there is nothing to collect.

        A job that its engine does not take goes back into a queue, its hop being one more.
        """
        if not await self._may_go(UUID(job_hex), hop):
            return None
        with self._about(job_hex):
            order = await self._begin(job_hex, hop)
            if order is None:
                return None
            try:
                engine = self._engine_of(order.job)
                if order.again and not engine.capabilities().submit_again:
                    # A crash came after the job began: it may have been sent, and nobody knows.
                    raise UpstreamError(Fault.UNCERTAIN)
                ticket = await engine.submit(await asyncio.to_thread(self._spec, order))
            except Exception as error:
                await self._not_submitted(order, error)
                return None
            # Nothing may come between the ticket and its checkpoint.
            return dict(ticket.data)

    async def _begin(
        self, job_hex: str, hop: int, ticket: dict[str, JSON] | None = None
    ) -> RenderOrder | None:
        # Much may have happened since the last look: a worker that was taken for dead wakes here.
        return await asyncio.to_thread(self.backstage.begin, UUID(job_hex), ticket, hop=hop)

    async def _may_go(self, job_id: UUID, hop: int) -> bool:
        """Wait until the job's engine may be given work; False when the job is not ours to run.

        When the worker goes away meanwhile, the job is left as it is for the next one.
        """
        while not self.leaving.is_set():
            signal = await asyncio.to_thread(self.yard.signal, job_id, hop)
            if signal is not Signal.WAIT:
                return signal is Signal.GO
            await asyncio.sleep(WAIT_SECONDS)
        raise asyncio.CancelledError

    async def _not_submitted(self, order: RenderOrder, error: Exception) -> None:
        job = order.job
        if isinstance(error, EngineError) and error.untaken:
            log.warning("an engine did not take a job", engine=job.engine, reason=str(error))
            yard, rest, narrow = self.yard, error.retry_after, error.narrow
            if await asyncio.to_thread(yard.not_taken, job, str(error), rest, narrow=narrow):
                return
        elif isinstance(error, EngineError) and error.unwell and not order.again:
            await asyncio.to_thread(self.yard.unwell, job, str(error), error.retry_after)
        await asyncio.to_thread(self.yard.unproven, job)
        await self._fail(job, error)

    def _spec(self, order: RenderOrder) -> RenderSpec:
        return self.workshop.spec(order, self.yard.model_names(order.job))

    async def collect(self, job_hex: str, ticket: dict[str, JSON], hop: int) -> None:
        """Bring in the files and end the job."""
        with self._about(job_hex):
            order = await self._begin(job_hex, hop, ticket)
            if order is None:
                await self._call_off(UUID(job_hex), Ticket(ticket))
                return
            try:
                if order.taken:
                    await asyncio.to_thread(self._note_taken, order.job)
                await self._render(order, Ticket(ticket))
            except _Stop:
                log.info("render stopped", reason="the job is not running any more")
            except Exception as error:
                await self._fail(order.job, error)
                if isinstance(error, UpstreamError) and not error.ended:
                    # It was lost sight of, and may be rendered there for nothing.
                    await self._call_off(UUID(job_hex), Ticket(ticket))
            finally:
                await asyncio.to_thread(self.workshop.clear, order.job)

    def _note_taken(self, job: Job) -> None:
        if job.options.simulate:
            self.yard.unproven(job)
        else:
            self.yard.took(job.engine)

    async def _call_off(self, job_id: UUID, ticket: Ticket) -> None:
        """Stop what was sent for a job that has been canceled, or has failed, in the meantime."""
        name = await asyncio.to_thread(self.backstage.engine_of_stopped, job_id)
        if name is not None and ticket.data:
            await self.engines.get(name).cancel(ticket)

    async def _render(self, order: RenderOrder, ticket: Ticket) -> None:
        started = time.monotonic()
        engine = self._engine_of(order.job)
        meter = Meter()
        spec = await asyncio.to_thread(self._spec, order)
        context = RenderContext(spec, self.workshop.out(order.job), meter.report)
        task = asyncio.create_task(engine.collect(ticket, context))
        try:
            artifacts = await self._watch(order.job, task, meter)
        except (_Stop, TimeoutError):
            await engine.cancel(ticket)
            raise
        await asyncio.to_thread(self.signer.sign, artifacts, engine, order.job.model)
        exact = engine.capabilities().exact
        complete = self.backstage.complete
        completed = await asyncio.to_thread(complete, order.job, artifacts, exact=exact)
        log.info("render ended", completed=completed, seconds=round(time.monotonic() - started, 2))

    def _engine_of(self, job: Job) -> Engine:
        engine, simulation = self.engines.get(job.engine), job.options.simulate
        return Rehearsal(engine, simulation) if simulation else engine

    async def _watch(
        self, job: Job, task: asyncio.Task[list[Artifact]], meter: Meter
    ) -> list[Artifact]:
        """Wait for the engine; stop it on cancel, deadline or shutdown."""
        left = (job.deadline_at - self.backstage.clock.now()).total_seconds()
        with self.watch.over(job.id, meter) as stopped:
            gone = asyncio.create_task(stopped.wait())
            try:
                await asyncio.wait({task, gone}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    return task.result()
                raise _Stop if gone.done() else TimeoutError
            finally:
                gone.cancel()
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _fail(self, job: Job, error: Exception) -> None:
        reason = reason_of(error)
        if reason is INTERNAL:
            log.error("render crashed", exc_info=error)
        else:
            log.warning("render failed", code=reason.code, reason=reason.message)
        await asyncio.to_thread(self.backstage.give_up, job, reason)

    @contextmanager
    def _about(self, job_hex: str) -> Iterator[None]:
        """Name the job in every log line, and count it as active."""
        self.active.add(job_hex)
        try:
            with structlog.contextvars.bound_contextvars(job_id=job_hex):
                yield
        finally:
            self.active.discard(job_hex)


def reason_of(error: Exception) -> JobError:
    """Turn what an engine raised into what the job's owner may read."""
    if isinstance(error, EngineError):
        return JobError(error.code, str(error))
    if isinstance(error, TimeoutError):
        return DEADLINE
    return INTERNAL
