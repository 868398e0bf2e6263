"""The engine of open-weight models: it renders with diffusers, in processes of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import replace

import structlog

from hinode.engines.base import (
    MAX_LORAS,
    Artifact,
    Capabilities,
    DigitalSourceType,
    EngineError,
    MediaKind,
    Parameter,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.diffusers.capabilities import model_capabilities
from hinode.engines.diffusers.devices import devices_of
from hinode.engines.diffusers.models import ModelLibrary, shown_name
from hinode.engines.diffusers.process.device_pool import DevicePool
from hinode.engines.diffusers.process.device_worker import DeviceWorker, ProcessDied, RenderFailed
from hinode.engines.diffusers.process.protocol import ModelOrder, RenderCommand
from hinode.engines.diffusers.progress import JobProgress, PhaseTimes
from hinode.engines.diffusers.settings import DiffusersSettings
from hinode.engines.diffusers.weights.errors import ModelMissing
from hinode.media.post_steps import PostSteps

DESCRIPTION = "Renders with models of open weights, on this server's own devices."
_REPORT_SECONDS = 0.5

log = structlog.get_logger("hinode.diffusers")


class ProcessLost(EngineError):
    """The render process died or could not be started."""

    host_suspected = True


class DiffusersEngine:
    """Models with open weights as an engine; each device has a process that keeps its model."""

    def __init__(self, name: str, settings: DiffusersSettings) -> None:
        self._name, self._settings = name, settings
        self._library = ModelLibrary(settings)
        self._times = PhaseTimes()
        self._pool = DevicePool(
            devices_of(settings.devices), settings.python, settings.cancel_seconds
        )

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities of all models together; each has its own where it is here."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO, MediaKind.IMAGE}),
            first_frame=True,
            audio=True,
            description=settings.description or DESCRIPTION,
            licence=settings.licence or "that of the model",
            origin=DigitalSourceType.TRAINED,
            exact_output=False,
            own_metadata=True,
            parameters=frozenset(Parameter) - {Parameter.REFERENCE_IMAGES},
            max_loras=MAX_LORAS,
        )

    def capabilities_of(self, model: str) -> Capabilities | None:
        """Return the capabilities of a model by its folder; None where it cannot be read."""
        facts = self._library.facts(model)
        if facts is None:
            return None
        options = self._settings.load_settings(model).load_options
        own = model_capabilities(self.capabilities(), facts, options)
        licence = self._settings.licence or facts.known_licence or own.licence
        return replace(own, weights=shown_name(model), licence=licence)

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Start nothing: ``collect`` has all that it needs.

        Raises :class:`EngineError` for a model that is missing or cannot be rendered with.
        """
        try:
            await asyncio.to_thread(self._model, spec)
        except ModelMissing:
            if not self._library.may_get(spec.model or ""):
                raise
        return Ticket()

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Render on the first device that is free; cancelling stops it at its next step.

        Raises :class:`EngineError`, and ``TimeoutError`` when the model is not loaded, or the job
        not rendered after that, within the time that the settings give.
        """
        try:
            order = await asyncio.to_thread(self._order, context)
        except ModelMissing:
            await self._library.get(context.spec.model or "")
            order = await asyncio.to_thread(self._order, context)
        try:
            return await self._rendered(order, context)
        except ProcessDied as error:
            if error.shared:
                return await self._rendered_alone(order, context)
            raise _lost() from error

    async def _rendered_alone(self, order: RenderCommand, context: RenderContext) -> list[Artifact]:
        """Render a job again whose process another one used too when it ended.

        Neither is known to have ended it; each shows it alone, and has lost no try until then.
        """
        log.warning("a job is rendered again", job=order.spec.job_id, reason="shared process ended")
        try:
            return await self._rendered(replace(order, alone=True), context)
        except ProcessDied as error:
            raise _lost() from error

    async def _rendered(self, order: RenderCommand, context: RenderContext) -> list[Artifact]:
        worker = await self._device(order.model)
        kind = _kind(order)
        times = self._times
        progress = JobProgress(
            times.expected(kind), worker.model == order.model, is_measured=times.knows(kind)
        )
        result = worker.start(order, progress.observe, context.report_rendered)
        try:
            files = await self._finished(result, progress, context)
        except (asyncio.CancelledError, TimeoutError):
            worker.cancel(result)
            raise
        except RenderFailed as error:
            failure = error.failure
            cause = None if failure.errno is None else OSError(failure.errno, failure.message)
            raise EngineError(failure.code, failure.message) from cause
        context.report_rendered()
        times.learn(kind, progress.seconds_per_clip())
        return files

    async def cancel(self, ticket: Ticket) -> None:
        """Do nothing: cancelling the task of ``collect`` stops the work."""

    async def maintenance(self) -> int:
        """Unload the models that have not been used for a while; return how many."""
        return await asyncio.to_thread(self._pool.unload_idle, self._settings.keep_loaded_seconds)

    async def _device(self, model: ModelOrder) -> DeviceWorker:
        """Wait for a device."""
        found = self._pool.acquire(model)
        try:
            return await asyncio.wrap_future(found)
        except asyncio.CancelledError:
            self._pool.give_up(found)
            raise

    async def _finished(
        self, result: Future[list[Artifact]], progress: JobProgress, context: RenderContext
    ) -> list[Artifact]:
        ended = asyncio.wrap_future(result)
        # Nobody may wait for it any more when it ends.
        ended.add_done_callback(lambda one: one.cancelled() or one.exception())
        started = time.monotonic()
        while True:
            await asyncio.wait({ended}, timeout=_REPORT_SECONDS)
            if ended.done():
                return ended.result()
            context.report(progress.fraction())
            if (left := progress.remaining()) is not None:
                context.report_remaining(left)
            self._check_time(started, progress.loaded_at)

    def _check_time(self, started: float, loaded_at: float | None) -> None:
        settings, now = self._settings, time.monotonic()
        if loaded_at is None and now - started > settings.load_timeout_seconds:
            raise TimeoutError
        if loaded_at is not None and now - loaded_at > settings.render_timeout_seconds:
            raise TimeoutError

    def _order(self, context: RenderContext) -> RenderCommand:
        model = self._model(context.spec)
        given = self._settings.load_settings(context.spec.model or "")
        return RenderCommand(context.spec, context.workdir, model, given.steps, given.guidance)

    def _model(self, spec: RenderSpec) -> ModelOrder:
        if not spec.model:
            raise EngineError(
                "engine_misconfigured",
                f"The model '{spec.catalog_model}' does not say what the engine '{self._name}' "
                "renders it with: set its 'upstream' to owner/name or to the path of a folder.",
            )
        return self._library.order(spec.model)


def _lost() -> ProcessLost:
    text = "The render process died unexpectedly; the log says how."
    return ProcessLost("render_crashed", text)


def _kind(order: RenderCommand) -> Hashable:
    """Return what jobs that take the same time have in common."""
    spec = order.spec
    clips = len(spec.shots) or 1
    steps = spec.parameters.num_inference_steps or order.steps
    frames, after = spec.frames - spec.kept_frames, PostSteps.of(spec.parameters)
    return order.model.name, spec.width, spec.height, frames, clips, steps, after
