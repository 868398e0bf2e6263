"""Run one render process from asyncio: start it, read its messages, and always end it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hinode.engines.preview.process.protocol import RenderMessage, RenderRequest
from hinode.kit import dataclass_json
from hinode.kit.child_process import environment_without_settings

COMMAND = (sys.executable, "-m", "hinode.engines.preview.process.child")
STDERR_TAIL_BYTES = 4_000


class RenderProcess:
    """A running render process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a render process needs three pipes")
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._stderr = bytearray()
        self._drain = asyncio.create_task(self._collect_stderr(process.stderr))

    @property
    def stderr_tail(self) -> str:
        """The end of what the process wrote to its error output."""
        return self._stderr.decode("utf-8", "replace")

    async def send(self, request: RenderRequest) -> None:
        """Write the request. The input stays open: closing it ends the process."""
        try:
            self._input.write(dataclass_json.encode(request))
            await self._input.drain()
        except ConnectionError:
            return  # it died at once: the exit status says why

    async def messages(self) -> AsyncIterator[RenderMessage]:
        """Return the lines of the process, until it closes its output."""
        while line := await self._output.readline():
            yield dataclass_json.decode(RenderMessage, line)

    async def wait(self) -> int:
        """Wait for the end; return the exit status, negative for a signal."""
        await self._drain
        return await self._process.wait()

    async def stop(self) -> None:
        """Kill the process if it runs, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._drain.cancel()

    async def _collect_stderr(self, stream: asyncio.StreamReader) -> None:
        while block := await stream.read(4096):
            self._stderr += block
            del self._stderr[:-STDERR_TAIL_BYTES]


@asynccontextmanager
async def render_process(request: RenderRequest) -> AsyncIterator[RenderProcess]:
    """Start a render process for a request; it has ended when the block ends."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environment_without_settings()
    )
    child = RenderProcess(process)
    try:
        await child.send(request)
        yield child
    finally:
        await child.stop()
