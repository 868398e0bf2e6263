"""Servers on loopback whose answers a test writes, and the fetcher's policy for them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from hinode.kit.safe_fetch import FetchError, FetchPolicy, fetch

LOOPBACK = ("127.0.0.1",)
Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Origin:
    """An HTTP server that counts the connections it saw and keeps the request heads it read."""

    def __init__(self, handler: Handler) -> None:
        self.connections = 0
        self.heads: list[str] = []
        self.port = 0
        self.tasks: set[asyncio.Task[None] | None] = set()
        self._handler = handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                await self._handler(writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def origin(
    handler: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Origin]:
    served = Origin(handler)
    server = await asyncio.start_server(served.serve, host, 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        tasks = [task for task in served.tasks if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(
    body: bytes = b"picture", status: str = "200 OK", length: int | None = None, **headers: str
) -> Handler:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def handler(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return handler


def redirect(location: str, status: str = "302 Found") -> Handler:
    return answer(b"", status, Location=location)


def policy(
    allow: tuple[str, ...] = LOOPBACK, max_bytes: int = 10_000, timeout: float = 5, hops: int = 3
) -> FetchPolicy:
    return FetchPolicy(max_bytes, timeout, hops, allow)


async def refused(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetch(url, **{"policy": policy(), **options})
    return caught.value
