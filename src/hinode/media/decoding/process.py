"""Decoding processes as their callers see them: kept for many requests, or made for one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import suppress

from hinode.media.decoding.protocol import (
    DecodingDied,
    Reply,
    Request,
    command,
    encode,
    environment,
    read_reply,
)

_GRACE_SECONDS = 5.0
"""Time beyond a request's own in which its process must have replied."""

_GIVE_UP_SECONDS = 1.0


def decode(task: str, request: Request) -> Reply:
    """Run one request in a process of its own; block until it has ended.

    Raises as :func:`hinode.media.decoding.protocol.read_reply`.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and module
            command(task),
            input=encode(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            timeout=request["seconds"] + _GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DecodingDied(late=True) from error
    return read_reply(ended.stdout)


class DecodingProcess:
    """A process that runs one request after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a decoding process needs two pipes")
        self._process = process
        self._input, self._output = process.stdin, process.stdout
        self.usable = True

    @classmethod
    async def start(cls, task: str) -> DecodingProcess:
        """Start a process for one kind of task. Raises ``OSError``."""
        return cls(
            await asyncio.create_subprocess_exec(
                *command(task),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
                # Its forks are in its group: one signal ends them all.
                start_new_session=True,
            )
        )

    async def run(self, request: Request) -> Reply:
        """Run a request; cancelling gives it up. Raises as :func:`decode`.

        When :attr:`usable` is false afterwards, the process has ended.
        """
        try:
            async with asyncio.timeout(request["seconds"] + _GRACE_SECONDS):
                line = await self._ask(request)
        except TimeoutError as error:
            self.kill()
            raise DecodingDied(late=True) from error
        except asyncio.CancelledError:
            await self._give_up()
            raise
        if not line:
            self.kill()
        return read_reply(line)

    def kill(self) -> None:
        """End the process and whatever it runs."""
        self.usable = False
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def running(self) -> bool:
        """True until the process has ended, and its end was noticed."""
        return self._process.returncode is None

    async def wait(self) -> None:
        """Wait until the process has ended."""
        await self._process.wait()

    async def _ask(self, request: Request) -> bytes:
        with suppress(ConnectionError):  # it died at once: there is no reply
            self._input.write(encode(request))
            await self._input.drain()
        return await self._output.readline()

    async def _give_up(self) -> None:
        """Stop the present request; the process is kept if it says at once that it did."""
        try:
            self._process.terminate()
            async with asyncio.timeout(_GIVE_UP_SECONDS):
                replied = await self._output.readline()
        except (TimeoutError, ProcessLookupError, asyncio.CancelledError):
            replied = b""
        if not replied:
            self.kill()


async def decode_async(task: str, request: Request) -> Reply:
    """Run one request in a process of its own; cancelling ends it. Raises as :func:`decode`."""
    process = await DecodingProcess.start(task)
    try:
        return await process.run(request)
    finally:
        process.kill()
        await process.wait()
