"""Limits of the fetcher: bytes, seconds, compression."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
import zlib
from collections.abc import Sequence

import pytest

from hinode.kit.safe_fetch import fetch
from tests.support.web_origin import Handler, answer, origin, policy, redirect, refused


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "304 Not Modified"])
def test_an_error_status_is_told(status: str) -> None:
    async def main() -> None:
        async with origin(answer(b"", status)) as server:
            error = await refused(f"http://127.0.0.1:{server.port}/")
            assert error.code == "http_status"
            assert status[:3] in error.message

    asyncio.run(main())


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    async def main() -> None:
        async with origin(answer(bytes(10_000))) as server:
            found = await fetch(f"http://127.0.0.1:{server.port}/", policy=policy())
            assert found.body.size == 10_000
            error = await refused(
                f"http://127.0.0.1:{server.port}/", policy=policy(max_bytes=9_999)
            )
            assert error.code == "too_large"

    asyncio.run(main())


def test_an_endless_body_is_cut_at_the_limit() -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(100_000))
            await writer.drain()
            sent += 100_000

    async def main() -> None:
        async with origin(endless) as server:
            error = await refused(f"http://127.0.0.1:{server.port}/")
            assert error.code == "too_large"
        # Socket buffers take some; the stream was not read on.
        assert sent < 20_000_000

    asyncio.run(main())


def test_a_body_that_trickles_ends_at_the_deadline() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    asyncio.run(_times_out(trickle))


def test_a_server_that_says_nothing_ends_at_the_deadline() -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    asyncio.run(_times_out(silent))


def test_headers_that_trickle_end_at_the_deadline() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    asyncio.run(_times_out(trickle))


def test_slow_redirects_share_one_deadline() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        await redirect("/again")(writer)

    asyncio.run(_times_out(slow, hops=50))


async def _times_out(handler: Handler, hops: int = 3) -> None:
    async with origin(handler) as server:
        started = time.monotonic()
        error = await refused(
            f"http://127.0.0.1:{server.port}/", policy=policy(timeout=0.25, hops=hops)
        )
        assert error.code == "timeout"
        assert time.monotonic() - started < 3


def test_a_resolver_that_hangs_ends_at_the_deadline() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    error = asyncio.run(refused("http://slow.example/", policy=policy(timeout=0.1), resolve=hang))
    assert error.code == "timeout"


def test_a_body_shorter_than_promised_is_refused() -> None:
    async def main() -> None:
        async with origin(answer(b"half", length=8)) as server:
            assert (await refused(f"http://127.0.0.1:{server.port}/")).code == "network"

    asyncio.run(main())


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (_gzip(b"abc" * 1000), "gzip", b"abc" * 1000),
        (zlib.compress(b"abc"), "Deflate", b"abc"),
        (_gzip(bytes(50_000_000)), "gzip", "too_large"),
        (_gzip(b"abc")[:-3], "gzip", "network"),
        (b"not gzip", "gzip", "network"),
        (b"abc", "br", "network"),
        (_gzip(_gzip(b"abc")), "gzip, gzip", "network"),
    ],
)
def test_compression_that_was_not_asked_for(
    body: bytes, encoding: str, expected: bytes | str
) -> None:
    async def main() -> None:
        async with origin(answer(body, Content_Encoding=encoding)) as server:
            url = f"http://127.0.0.1:{server.port}/"
            if isinstance(expected, bytes):
                assert (await fetch(url, policy=policy(max_bytes=60_000))).body.read() == expected
            else:
                assert (await refused(url, policy=policy(max_bytes=60_000))).code == expected

    asyncio.run(main())


def test_a_compression_bomb_is_not_unfolded() -> None:
    bomb = _gzip(bytes(50_000_000))

    async def main() -> None:
        async with origin(answer(bomb, Content_Encoding="gzip")) as server:
            error = await refused(
                f"http://127.0.0.1:{server.port}/", policy=policy(max_bytes=100_000)
            )
            assert error.code == "too_large"

    tracemalloc.start()
    asyncio.run(main())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
