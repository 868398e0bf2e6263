"""Sending to users' URLs: bounded in time and bytes whatever the receiver does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from hinode.kit.safe_fetch import FetchError, FetchErrorCode, FetchPolicy
from hinode.kit.safe_post import PostResponse, post

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def posted_to(serve: Serve, timeout_s: float = 5.0) -> PostResponse:
    """Send something to a server that behaves like this."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    policy = FetchPolicy(100, timeout_s, max_redirects=0, allow_hosts=("127.0.0.1",))
    try:
        return await post(f"http://127.0.0.1:{port}/", b"{}", {}, policy=policy)
    finally:
        server.close()


def answering(head: str, body: bytes = b"") -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return serve


async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def silent_after_the_status(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 9\r\n\r\nhal")
    await writer.drain()
    await asyncio.sleep(60)


async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def test_only_the_first_bytes_of_an_answer_are_read() -> None:
    assert asyncio.run(posted_to(endless)) == PostResponse(200, None, b"x" * 100)


def test_a_status_counts_although_the_body_does_not_come() -> None:
    started = time.monotonic()

    assert asyncio.run(posted_to(silent_after_the_status)) == PostResponse(202, None, b"hal")
    assert time.monotonic() - started < 5


def test_a_receiver_that_says_nothing_is_given_up() -> None:
    with pytest.raises(FetchError) as failed:
        asyncio.run(posted_to(silent, timeout_s=0.2))
    assert failed.value.code is FetchErrorCode.TIMEOUT


def test_a_receiver_that_speaks_something_else_is_a_failure() -> None:
    with pytest.raises(FetchError) as failed:
        asyncio.run(posted_to(answering("SSH-2.0-OpenSSH_9.2")))
    assert failed.value.code is FetchErrorCode.NETWORK


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7), ("0.5", 0.5, 0.5), ("-3", 0, 0), ("1e999", None, None), ("soon", None, None)],
)
def test_retry_after_is_read_as_seconds(
    header: str, least: float | None, most: float | None
) -> None:
    answer = answering(f"HTTP/1.1 503 No\nretry-after: {header}\ncontent-length: 0")

    found = asyncio.run(posted_to(answer)).retry_after

    assert found == least == most


def test_retry_after_is_read_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    answer = answering(f"HTTP/1.1 503 No\nretry-after: {date}\ncontent-length: 0")

    found = asyncio.run(posted_to(answer)).retry_after

    assert found is not None
    assert 80 < found <= 90
