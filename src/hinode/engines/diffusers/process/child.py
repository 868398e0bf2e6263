"""The render process: ``python -m hinode.engines.diffusers.process.child``.

It keeps one model and renders one job at a time, and writes the files of the one before meanwhile.
Jobs and cancels come as lines of its input, whose end ends the process at once: that is how it
notices that its parent died.
"""

from __future__ import annotations

import functools
import os
import queue
import sys
import threading
from typing import BinaryIO
from uuid import UUID

from hinode.engines.diffusers.process.protocol import (
    Command,
    PhaseProgress,
    RenderCommand,
    RenderReport,
)
from hinode.kit import dataclass_json
from hinode.kit.child_process import reserve_stdout

EXIT_ORPHANED, EXIT_FATAL = 3, 4
_NICENESS = 5


def main() -> None:
    """Render jobs until the input ends, or until the process cannot be trusted any more."""
    channel = _Channel(reserve_stdout())
    if not os.environ.get("CUDA_VISIBLE_DEVICES"):
        # Of lower priority than the server, which shares the cores; a card must not wait for them.
        os.nice(_NICENESS)
    inbox = _Inbox()
    threading.Thread(target=inbox.read, name="commands", daemon=True).start()
    # Imported while the reader runs: it takes seconds, in which the parent may die.
    from hinode.engines.diffusers.rendering.file_writer import FileWriter
    from hinode.engines.diffusers.rendering.session import RenderSession

    def end(ended: RenderReport) -> None:
        inbox.forget(ended.job)
        channel.send(ended)
        if ended.failure is not None and ended.failure.fatal:
            os._exit(EXIT_FATAL)

    def rendered(job: UUID) -> None:
        channel.send(RenderReport(job, rendered=True))

    session, writer = RenderSession(), FileWriter(rendered, end)
    while True:
        order = inbox.orders.get()
        job = order.spec.job_id
        made = session.render(
            order,
            functools.partial(channel.progress, job),
            functools.partial(inbox.is_canceled, job),
        )
        if isinstance(made, RenderReport):
            if made.failure is not None and made.failure.fatal:
                writer.wait()  # the files of the job before are none of its concern
            end(made)
        else:
            writer.write(made, beside=not order.alone)


class _Inbox:
    """The commands of the parent."""

    def __init__(self) -> None:
        self.orders: queue.Queue[RenderCommand] = queue.Queue()
        self._canceled: set[UUID] = set()

    def is_canceled(self, job: UUID) -> bool:
        """Return whether a job is to stop."""
        return job in self._canceled

    def forget(self, job: UUID) -> None:
        """Forget a job that has ended."""
        self._canceled.discard(job)

    def read(self) -> None:
        """Read commands; end the process with the input."""
        for line in sys.stdin.buffer:
            command = dataclass_json.decode(Command, line)
            if command.render is not None:
                self.forget(command.render.spec.job_id)
                self.orders.put(command.render)
            elif command.cancel is not None:
                self._canceled.add(command.cancel)
        os._exit(EXIT_ORPHANED)


class _Channel:
    """Writes messages, of any thread; without a reader the process ends."""

    def __init__(self, channel: BinaryIO) -> None:
        self._channel = channel
        self._writing = threading.Lock()

    def progress(self, job: UUID, made: PhaseProgress) -> None:
        self.send(RenderReport(job, progress=made))

    def send(self, message: RenderReport) -> None:
        try:
            with self._writing:
                self._channel.write(dataclass_json.encode(message))
                self._channel.flush()
        except BrokenPipeError:
            os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    main()
