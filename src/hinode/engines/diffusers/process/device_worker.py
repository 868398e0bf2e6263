"""One device: its process, the model in it, and the job that it renders."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from hinode.engines.base import Artifact
from hinode.engines.diffusers.devices import Device
from hinode.engines.diffusers.process.child_process import ChildProcess
from hinode.engines.diffusers.process.protocol import (
    Command,
    FailureReport,
    ModelOrder,
    PhaseProgress,
    RenderCommand,
    RenderReport,
)

_MOST_GIVES = 2

log = structlog.get_logger("hinode.diffusers")


class RenderFailed(Exception):
    """The process reported a failure."""

    def __init__(self, failure: FailureReport) -> None:
        super().__init__(failure.message)
        self.failure = failure


class ProcessDied(Exception):
    """The process ended before the job did.

    ``shared``: while another job used it too, so that it may have ended by that.
    """

    def __init__(self, message: str, *, shared: bool = False) -> None:
        super().__init__(message)
        self.shared = shared


@dataclass(slots=True)
class _Job:
    order: RenderCommand
    on_progress: Callable[[PhaseProgress], None]
    on_rendered: Callable[[], None]
    result: Future[list[Artifact]] = field(default_factory=Future)
    process: ChildProcess | None = None
    begun: bool = False
    gives: int = 0
    canceled: bool = False
    shared: bool = False
    timer: threading.Timer | None = None

    @property
    def id(self) -> UUID:
        """The job's id."""
        return self.order.spec.job_id


class DeviceWorker:
    """Renders one job at a time on a device; ``on_free`` is called after each, on any thread.

    The files of a job may still be written by its process when the device is free for the next one
    with the same model. A job that is canceled stops at its next step; after ``cancel_seconds`` its
    process is ended.
    """

    def __init__(
        self,
        device: Device,
        python: str | None,
        cancel_seconds: float,
        on_free: Callable[[DeviceWorker], None],
    ) -> None:
        self.device = device
        self.model: ModelOrder | None = None
        self.used_at = time.monotonic()
        self._python, self._cancel_seconds, self._on_free = python, cancel_seconds, on_free
        self._lock = threading.RLock()
        self._process: ChildProcess | None = None
        self._job: _Job | None = None
        self._writing: _Job | None = None

    @property
    def pid(self) -> int | None:
        """The id of its process; None without one."""
        process = self._process
        return None if process is None else process.pid

    @property
    def is_idle(self) -> bool:
        """True when its process has nothing to do."""
        return self._job is None and self._writing is None

    def start(
        self,
        order: RenderCommand,
        on_progress: Callable[[PhaseProgress], None],
        on_rendered: Callable[[], None] = lambda: None,
    ) -> Future[list[Artifact]]:
        """Render a job; the result is its files.

        It raises :class:`RenderFailed`, :class:`ProcessDied`, and ``OSError`` when no process can
        be started. ``on_progress`` is called on another thread, and so is ``on_rendered``, when the
        device is free and the files are still to be written.
        """
        job = _Job(order, on_progress, on_rendered)
        job.result.set_running_or_notify_cancel()
        self._job = job
        self._begin_soon(job)
        return job.result

    def cancel(self, result: Future[list[Artifact]]) -> None:
        """Stop the job with this result, if it has not ended."""
        with self._lock:
            job = next((one for one in self._jobs() if one.result is result), None)
            if job is None or job.canceled:
                return
            job.canceled = True
            if job.process is not None:
                job.process.send(Command(cancel=job.id))
                job.timer = threading.Timer(self._cancel_seconds, job.process.kill)
                job.timer.daemon = True
                job.timer.start()

    def _jobs(self) -> list[_Job]:
        return [one for one in (self._job, self._writing) if one is not None]

    def unload(self) -> None:
        """End the process, and with it give its memory back."""
        with self._lock:
            process, self._process, self.model = self._process, None, None
        if process is not None:
            process.kill()
            process.wait()

    def _begin_soon(self, job: _Job) -> None:
        # Ending the process of another model takes a moment, which no event loop should wait for.
        threading.Thread(target=self._begin, args=(job,), name="hinode-diffusers").start()

    def _begin(self, job: _Job) -> None:
        try:
            self._wait_for_files(job)
            while not self._give(job, self._ready_process(job.order.model)):
                pass  # it has just ended: another one is started
        except Exception as error:
            self._finish(job, error=error)

    def _wait_for_files(self, job: _Job) -> None:
        """Wait for the files of the job before where the two cannot share the process."""
        before = self._writing
        if before is None:
            return
        if job.order.alone or before.order.model != job.order.model or before.id == job.id:
            wait([before.result])

    def _ready_process(self, model: ModelOrder) -> ChildProcess:
        if self.model != model:
            self.unload()
        with self._lock:
            if self._process is None:
                self._process, self.model = self._started(), model
            return self._process

    def _started(self) -> ChildProcess:
        def on_end(status: int, said: str) -> None:
            self._on_end(process, status, said)

        environment = self.device.environment()
        process = ChildProcess(self._python, environment, self._on_message, on_end)
        return process

    def _give(self, job: _Job, process: ChildProcess) -> bool:
        """Give a job to a process; False when the process has ended meanwhile."""
        with self._lock:
            if job.canceled:
                self._finish(job)
                return True
            if self._process is not process:
                return False
            job.process = process
            job.gives += 1
            process.send(Command(render=job.order))
            return True

    def _on_message(self, message: RenderReport) -> None:
        job = next((one for one in self._jobs() if one.id == message.job), None)
        if job is None:
            return
        if message.progress is not None:
            job.begun = True
            job.on_progress(message.progress)
        elif message.rendered:
            self._release(job)
        elif message.failure is not None:
            said = "" if job.process is None else job.process.said
            log.warning("a render failed", code=message.failure.code, job=message.job, said=said)
            if message.failure.fatal:
                self._forget(job)
            self._finish(job, error=RenderFailed(message.failure))
        else:
            self._finish(job, list(message.artifacts or ()))

    def _release(self, job: _Job) -> None:
        """Give the device up for the next job; the files of this one are still written."""
        with self._lock:
            if self._job is not job:
                return
            self._job, self._writing = None, job
            self.used_at = time.monotonic()
        job.on_rendered()
        self._on_free(self)

    def _forget(self, job: _Job) -> None:
        """End a process that says that it cannot be trusted any more."""
        with self._lock:
            if self._process is job.process:
                self._process = self.model = None
            for one in self._jobs():
                one.shared = one is not job and one.process is job.process
        if job.process is not None:
            job.process.kill()

    def _on_end(self, process: ChildProcess, status: int, said: str) -> None:
        with self._lock:
            unexpected = self._process is process
            if unexpected:
                self._process = self.model = None
            jobs = [one for one in self._jobs() if one.process is process]
        if unexpected:
            log.warning(
                "a render process has ended", device=self.device.name, status=status, said=said
            )
        shared = sum(one.begun for one in jobs) > 1
        for job in jobs:
            if job.begun or job.canceled or job.gives >= _MOST_GIVES:
                died = ProcessDied(f"exit status {status}", shared=shared or job.shared)
                self._finish(job, error=died)
            else:
                # It had ended before it saw the job, which is none of the job's fault.
                self._begin_soon(job)

    def _finish(
        self,
        job: _Job,
        files: list[Artifact] | None = None,
        error: Exception | None = None,
    ) -> None:
        with self._lock:
            had_device = self._job is job
            if had_device:
                self._job = None
            elif self._writing is job:
                self._writing = None
            else:
                return
            self.used_at = time.monotonic()
            if job.timer is not None:
                job.timer.cancel()
        # Free first: who waits for the result may come with the next job for this very model.
        if had_device:
            self._on_free(self)
        if error is not None:
            job.result.set_exception(error)
        else:
            job.result.set_result(files or [])
