"""Writes the files of a job while the render process begins the next one."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from uuid import UUID

from hinode.engines.diffusers.process.protocol import RenderReport
from hinode.engines.diffusers.rendering.session import Writing
from hinode.engines.diffusers.weights.machine import free_host_memory

_TIMES = 6
"""The least free host memory, in sizes of a job's frames, for another job to begin beside them.

The next job's frames come as numbers of four bytes; with a copy of one byte each, and the encoders.
"""
_LISTEN_SECONDS = 0.2


class FileWriter:
    """Writes the files of one job at a time.

    ``rendered`` is told of a job that needs the device no more, ``end`` of how one ended; both on
    any thread. The thread that writes is there from the start: one that is started while there is
    no memory may never begin, and its start waits for that for ever.
    """

    def __init__(
        self,
        rendered: Callable[[UUID], None],
        end: Callable[[RenderReport], None],
        free_memory: Callable[[], int] = free_host_memory,
    ) -> None:
        self._rendered, self._end, self._free_memory = rendered, end, free_memory
        self._jobs: SimpleQueue[Writing] = SimpleQueue()
        self._is_idle = threading.Event()
        self._is_idle.set()
        threading.Thread(target=self._run, name="files", daemon=True).start()

    def write(self, job: Writing, *, beside: bool) -> None:
        """Write the files of a job; return at once where ``beside`` is true and memory allows.

        The frames of two jobs at most are in memory: it waits for the files of the job before.
        """
        while not self._is_idle.wait(_LISTEN_SECONDS):
            if job.is_canceled():
                self._end(RenderReport(job.job, canceled=True))
                return
        if not beside or self._free_memory() < _TIMES * job.size:
            self._end(job.write())
            return
        self._rendered(job.job)
        self._is_idle.clear()
        self._jobs.put(job)

    def wait(self) -> None:
        """Wait until the files of the job before are written."""
        self._is_idle.wait()

    def _run(self) -> None:
        try:
            while True:
                self._end(self._jobs.get().write())
                self._is_idle.set()
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # else nobody would learn that no files are written any more
