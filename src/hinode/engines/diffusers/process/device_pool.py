"""The devices of this process: which job renders on which."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from hinode.engines.diffusers.devices import Device
from hinode.engines.diffusers.process.device_worker import DeviceWorker
from hinode.engines.diffusers.process.protocol import ModelOrder

_MOST_PASSES = 3
"""How often a waiting job is passed over for one whose model is loaded already."""


@dataclass(slots=True)
class _Waiting:
    model: ModelOrder
    worker: Future[DeviceWorker]
    passes: int = 0


class DevicePool:
    """Devices with a process each; a job goes to the one that holds its model, if it is free.

    The processes end with the pool.
    """

    def __init__(
        self, devices: Sequence[Device], python: str | None, cancel_seconds: float
    ) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        pool = weakref.ref(self)

        def on_free(worker: DeviceWorker) -> None:
            if (alive := pool()) is not None:
                alive.release(worker)

        self.workers = tuple(DeviceWorker(one, python, cancel_seconds, on_free) for one in devices)
        self._free = list(self.workers)
        weakref.finalize(self, _unload, self.workers)

    def acquire(self, model: ModelOrder) -> Future[DeviceWorker]:
        """Return a future of a device for a job with a model; cancelling it gives the place up."""
        waiting = _Waiting(model, Future())
        with self._lock:
            if self._free:
                worker = min(self._free, key=lambda one: _unfitness(one, model))
                self._free.remove(worker)
                _hand_over(waiting, worker)
            else:
                self._waiting.append(waiting)
        return waiting.worker

    def give_up(self, worker: Future[DeviceWorker]) -> None:
        """Give up a place in the queue, or the device if it was given meanwhile."""
        with self._lock:
            waits = worker.cancel()
        if not waits and worker.done() and not worker.cancelled():
            self.release(worker.result())

    def release(self, worker: DeviceWorker) -> None:
        """Give a device that has become free to the next job."""
        with self._lock:
            while self._waiting:
                chosen = self._next(worker)
                if _hand_over(chosen, worker):
                    return
            self._free.append(worker)

    def unload_idle(self, seconds: float) -> int:
        """End the processes that have had no job for a while; return how many."""
        with self._lock:
            idle = [
                one
                for one in self._free
                if one.pid is not None and one.is_idle and time.monotonic() - one.used_at > seconds
            ]
            for one in idle:
                one.unload()
        return len(idle)

    def _next(self, worker: DeviceWorker) -> _Waiting:
        """Take the first waiting job, or, a few times, one whose model is loaded there."""
        first = self._waiting[0]
        chosen = next((one for one in self._waiting if one.model == worker.model), first)
        if chosen is not first:
            first.passes += 1
            chosen = first if first.passes > _MOST_PASSES else chosen
        self._waiting.remove(chosen)
        return chosen


def _hand_over(waiting: _Waiting, worker: DeviceWorker) -> bool:
    """Give a device to a waiting job; False when the job was given up."""
    if not waiting.worker.set_running_or_notify_cancel():
        return False
    waiting.worker.set_result(worker)
    return True


def _unfitness(worker: DeviceWorker, model: ModelOrder) -> tuple[int, float]:
    """Return how badly a device fits: its model, none, another one; then how lately it was used."""
    if worker.model == model:
        return 0, 0.0
    return (1 if worker.model is None else 2), worker.used_at


def _unload(workers: Sequence[DeviceWorker]) -> None:
    for one in workers:
        one.unload()
