"""Run one render process from asyncio: start it, hear it, and never leave it behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hinode.engines.preview.protocol import Message, Order, read_message, write_order

COMMAND = (sys.executable, "-m", "hinode.engines.preview.child")
ERROR_TAIL = 4_000


class RenderProcess:
    """A running render process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a render process needs three pipes")
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self._errors = bytearray()
        self._drain = asyncio.create_task(self._keep_errors(process.stderr))

    @property
    def error_tail(self) -> str:
        """The end of what the process wrote to its error output."""
        return self._errors.decode("utf-8", "replace")

    async def send(self, order: Order) -> None:
        """Write the order. The input stays open: closing it ends the process."""
        try:
            self._input.write(write_order(order))
            await self._input.drain()
        except ConnectionError:
            return  # it died at once: the exit status tells

    async def messages(self) -> AsyncIterator[Message]:
        """What the process says, until it closes its output."""
        while line := await self._output.readline():
            yield read_message(line)

    async def ended(self) -> int:
        """Wait for the end; the exit status, negative for a signal."""
        await self._drain
        return await self._process.wait()

    async def stop(self) -> None:
        """Kill the process if it runs, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._drain.cancel()

    async def _keep_errors(self, stream: asyncio.StreamReader) -> None:
        while block := await stream.read(4096):
            self._errors += block
            del self._errors[:-ERROR_TAIL]


@asynccontextmanager
async def render_process(order: Order) -> AsyncIterator[RenderProcess]:
    """Start a render process for an order; it is gone when the block is left, however."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=_environment()
    )
    child = RenderProcess(process)
    try:
        await child.send(order)
        yield child
    finally:
        await child.stop()


def _environment() -> dict[str, str]:
    """The environment less this server's settings: the child needs none of the secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HINODE_")}
