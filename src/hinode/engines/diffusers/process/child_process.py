"""A render process as the engine sees it: commands go in, messages come out, until it ends.

Its messages are read on a thread: jobs on any event loop may wait for them.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from hinode.engines.diffusers.process.protocol import Command, RenderReport
from hinode.kit import dataclass_json

_MODULE = "hinode.engines.diffusers.process.child"
_TAIL_BYTES = 4_000
_TAIL_SECONDS = 2.0


class ChildProcess:
    """A process of its own for one device. Raises ``OSError`` when it cannot be started.

    ``on_message`` and ``on_end`` are called on a thread of its own; ``on_end`` once, with the end
    of what the process wrote to its error output, when it has ended and is reaped.
    """

    def __init__(
        self,
        python: str | None,
        environment: Mapping[str, str],
        on_message: Callable[[RenderReport], None],
        on_end: Callable[[int, str], None],
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the operator's interpreter, our module
            [python or sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
        )
        self._on_message, self._on_end = on_message, on_end
        self._errors = bytearray()
        self._writing = threading.Lock()
        self._threads = [
            threading.Thread(target=one, name="hinode-diffusers", daemon=True)
            for one in (self._read_messages, self._read_errors)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def said(self) -> str:
        """The end of what the process wrote to its error output."""
        return self._errors.decode("utf-8", "replace")

    def send(self, command: Command) -> None:
        """Write a command; one to a process that has ended is lost, as ``on_end`` tells."""
        with self._writing, suppress(OSError, ValueError):
            _pipe(self._process.stdin).write(dataclass_json.encode(command))
            _pipe(self._process.stdin).flush()

    def kill(self) -> None:
        """End the process at once; ``on_end`` follows."""
        self._process.kill()

    def wait(self) -> None:
        """Wait until the process has ended and its messages are read."""
        self._threads[0].join()

    def _read_messages(self) -> None:
        with _pipe(self._process.stdout) as output:
            for line in output:
                self._on_message(dataclass_json.decode(RenderReport, line))
        status = self._process.wait()
        # What the process started itself may hold the pipe longer than it lived.
        self._threads[1].join(_TAIL_SECONDS)
        with self._writing, suppress(OSError):
            _pipe(self._process.stdin).close()
        self._on_end(status, self.said)

    def _read_errors(self) -> None:
        with _pipe(self._process.stderr) as errors:
            for line in errors:
                self._errors += line
                del self._errors[:-_TAIL_BYTES]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("a render process needs three pipes")
    return pipe
