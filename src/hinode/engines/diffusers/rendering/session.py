"""The work of a render process: one model in memory, and the jobs rendered with it."""

from __future__ import annotations

import errno
import gc
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import torch

from hinode.engines.base import Artifact
from hinode.engines.diffusers.process.protocol import (
    FailureReport,
    ModelOrder,
    Phase,
    PhaseProgress,
    RenderCommand,
    RenderReport,
)
from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.diffusers.rendering.components import NotLoadable
from hinode.engines.diffusers.rendering.device_errors import is_device_full, is_of_device
from hinode.engines.diffusers.rendering.host_errors import system_errno
from hinode.engines.diffusers.rendering.pipeline_loader import LoadedModel, load
from hinode.engines.diffusers.rendering.render import Unwritten, render
from hinode.engines.diffusers.rendering.steps import Canceled

_OUT_OF_MEMORY = (
    "The device or the host had too little memory. Ask for a smaller size or fewer frames; the "
    "operator can set 'quantization' or, for a card, 'offload' of the engine."
)


@dataclass(frozen=True, slots=True)
class Writing:
    """A job whose files are still to be written, for which no model is needed.

    ``size`` are the bytes of its frames.
    """

    job: UUID
    size: int
    make: Callable[[], list[Artifact]]
    is_canceled: Callable[[], bool]

    def write(self) -> RenderReport:
        """Write the files; return the message that the job ends with."""
        try:
            return RenderReport(self.job, artifacts=tuple(self.make()))
        except BaseException as error:
            return _ended_by(error, self.job, self.is_canceled)


class RenderSession:
    """Renders one job after the other with one model."""

    def __init__(self) -> None:
        self._model: LoadedModel | None = None

    def render(
        self,
        order: RenderCommand,
        report: Callable[[PhaseProgress], None],
        is_canceled: Callable[[], bool],
    ) -> Writing | RenderReport:
        """Render a job; return what is to be written, or the message that it ends with."""
        made = self._made(order, report, is_canceled)
        if isinstance(made, RenderReport) and not (made.failure and made.failure.fatal):
            # Here, where no error holds what the render had in memory.
            self._tidy()
        return made

    def _made(
        self,
        order: RenderCommand,
        report: Callable[[PhaseProgress], None],
        is_canceled: Callable[[], bool],
    ) -> Writing | RenderReport:
        job = order.spec.job_id
        try:
            made = self._render(order, report, is_canceled)
        except BaseException as error:
            return _ended_by(error, job, is_canceled)
        return Writing(job, made.size, made.write, is_canceled)

    def _render(
        self,
        order: RenderCommand,
        report: Callable[[PhaseProgress], None],
        is_canceled: Callable[[], bool],
    ) -> Unwritten:
        def tell(made: PhaseProgress) -> None:
            if is_canceled():
                raise Canceled
            report(made)

        tell(PhaseProgress(Phase.LOADING))
        model = self._loaded(order.model)
        tell(PhaseProgress(Phase.LOADING, 1.0))
        # Not in inference mode, in which quantized weights cannot move between devices.
        with torch.no_grad():
            return render(order, model, tell)

    def _loaded(self, order: ModelOrder) -> LoadedModel:
        if self._model is None or self._model.order != order:
            self._model = None
            self._tidy()  # what the last one held counts as free for this one
            self._model = load(order)
        return self._model

    def _tidy(self) -> None:
        """Give back what a render that was stopped holds."""
        if self._model is not None:
            self._model.free_hooks()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _ended_by(error: BaseException, job: UUID, is_canceled: Callable[[], bool]) -> RenderReport:
    """Return the message of a job that an error ended."""
    if isinstance(error, Canceled) or (is_canceled() and not _poisons(error)):
        # The folder of a canceled job may be gone by now, which is what failed then.
        return RenderReport(job, canceled=True)
    return RenderReport(job, failure=failure_of(error))


def failure_of(error: BaseException) -> FailureReport:
    """Return the failure that tells of an error; fatal if the process cannot be trusted then."""
    number, cause = system_errno(error), error.__cause__
    if isinstance(error, NotRenderable):
        return FailureReport(error.code, str(error), number)
    if isinstance(error, NotLoadable):
        _tell(cause or error)
        return FailureReport("model_unusable", str(error), number, bool(cause and _poisons(cause)))
    traceback.print_exception(error)
    if is_device_full(error) or number == errno.ENOMEM:
        return FailureReport("out_of_memory", _OUT_OF_MEMORY, number, fatal=True)
    text = f"The model could not render this: {type(error).__name__}."
    return FailureReport("render_failed", text, number, _poisons(error))


def _tell(error: BaseException) -> None:
    """Write why to the log, which may name paths of this machine."""
    sys.stderr.write(f"{type(error).__name__}: {error}\n")
    sys.stderr.flush()


def _poisons(error: BaseException) -> bool:
    """Return whether the process may be unusable after an error, as after any of its device."""
    return isinstance(error, MemoryError) or is_of_device(error) or not isinstance(error, Exception)
