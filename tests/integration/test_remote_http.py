"""What a call to an upstream waits for, and what it says when that takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from hinode.engines.remote.http import ClientLimits, OutcomeUnknown, RequestNotSent, UpstreamClient

_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@asynccontextmanager
async def server(before: Callable[[], Awaitable[object]]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serve an empty object to each request after what comes before; yield URL and requests."""
    seen: list[bytes] = []
    talks: list[asyncio.Task[None] | None] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        await before()
        writer.write(_ANSWER)
        writer.close()
        with suppress(OSError):  # the caller has gone
            await writer.wait_closed()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", seen
        await asyncio.gather(*filter(None, talks))


def test_a_call_that_got_no_connection_was_not_sent() -> None:
    async def main() -> None:
        answer = asyncio.Event()
        async with server(answer.wait) as (url, seen):
            upstream = UpstreamClient(url, {}, ClientLimits(max_connections=1))
            first = asyncio.create_task(upstream.call("GET", "/first"))
            while not seen:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)
            with pytest.raises(RequestNotSent, match="in use"):
                await upstream.call("POST", "/second", response_timeout_s=0.1)
            answer.set()
            assert (await first).status == 200
            assert (await upstream.call("GET", "/third")).status == 200
            assert [one.split()[1] for one in seen] == [b"/first", b"/third"]

    asyncio.run(main())


def test_a_call_may_take_longer_than_others() -> None:
    async def main() -> None:
        async with server(lambda: asyncio.sleep(0.4)) as (url, _):
            upstream = UpstreamClient(url, {}, ClientLimits(response_timeout_s=0.1))
            assert (await upstream.call("GET", "/slow", response_timeout_s=20)).status == 200
            with pytest.raises(OutcomeUnknown):
                await upstream.call("GET", "/slow")

    asyncio.run(main())
