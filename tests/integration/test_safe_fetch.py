"""The fetcher against real servers: what it fetches, what it refuses, what reached a socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from hinode.kit.safe_fetch import FetchError, FetchPolicy, FetchResponse, fetch
from hinode.kit.spool import Spooled
from tests.support.authority import authority_for

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


def names(**table: Sequence[str]) -> Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]:
    """A resolver that knows only these names (``_`` for ``.``)."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return table[host.replace(".", "_")]

    return resolve


async def refused(url: str, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetch(url, **{"policy": policy(), **options})
    return caught.value


def test_an_allowed_host_is_fetched() -> None:
    async def main() -> None:
        async with origin(answer(b"abc", Content_Type="Image/PNG; q=1")) as server:
            url = f"http://127.0.0.1:{server.port}/a?b=c"
            assert await fetch(url, policy=policy()) == FetchResponse(
                Spooled.of(b"abc"), "image/png", url
            )
            head = server.heads[0].lower()
            assert head.startswith("get /a?b=c http/1.1\r\n")
            assert f"host: 127.0.0.1:{server.port}\r\n" in head
            assert "accept-encoding: identity\r\n" in head

    asyncio.run(main())


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127。0。0。1",
    "１２７.0.0.1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "@127.0.0.1",
]


def _other_loopback() -> str:
    """The IPv6 loopback where the machine has one."""
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return "::1"
    return "127.0.0.2"


def test_no_spelling_of_loopback_reaches_a_server() -> None:
    async def main() -> None:
        async with (
            origin(answer(), "127.0.0.1") as four,
            origin(answer(), _other_loopback()) as six,
        ):
            for port in (four.port, six.port):
                for host in SPELLINGS:
                    error = await refused(f"http://{host}:{port}/", policy=policy(()))
                    assert error.code in {"blocked_address", "bad_url"}, host
            assert four.connections == six.connections == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "fc00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_a_name_that_resolves_inside_is_blocked_and_the_address_is_not_told(address: str) -> None:
    error = asyncio.run(
        refused("http://pictures.example/", resolve=names(pictures_example=[address]))
    )
    assert error.code == "blocked_address"
    assert "pictures.example" in error.message
    assert address not in error.message


def test_one_inner_address_among_public_ones_blocks_the_name() -> None:
    async def main() -> None:
        async with origin(answer()) as server:
            for order in (["127.0.0.1", "93.184.216.34"], ["93.184.216.34", "127.0.0.1"]):
                error = await refused(
                    f"http://mixed.example:{server.port}/",
                    policy=policy(()),
                    resolve=names(mixed_example=order),
                )
                assert error.code == "blocked_address"
            assert server.connections == 0

    asyncio.run(main())


def test_a_name_that_changes_its_address_is_resolved_once_per_connection() -> None:
    requests: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        requests.append(host)
        return ["127.0.0.2"] if len(requests) % 2 else ["127.0.0.1"]

    async def main() -> None:
        async with origin(answer(b"good"), "127.0.0.2") as good, origin(answer()) as inner:
            allowed = policy(("127.0.0.2",))
            url = f"http://rebind.example:{good.port}/"
            assert (await fetch(url, policy=allowed, resolve=rebinding)).body.read() == b"good"
            assert len(requests) == 1
            url = f"http://rebind.example:{inner.port}/"
            assert (await refused(url, policy=allowed, resolve=rebinding)).code == "blocked_address"
            assert inner.connections == 0

    asyncio.run(main())


def test_the_next_address_is_tried_when_one_refuses() -> None:
    async def main() -> None:
        async with origin(answer(b"second")) as server:
            found = await fetch(
                f"http://two.example:{server.port}/",
                policy=policy(("two.example",)),
                resolve=names(two_example=["127.0.0.3", "127.0.0.1"]),
            )
            assert found.body.read() == b"second"
            assert f"host: two.example:{server.port}" in server.heads[0].lower()

    asyncio.run(main())


def test_an_allowed_port_opens_no_other_port() -> None:
    async def main() -> None:
        async with origin(answer()) as open_one, origin(answer()) as closed_one:
            allowed = policy((f"localhost:{open_one.port}",))
            await fetch(f"http://localhost:{open_one.port}/", policy=allowed)
            error = await refused(f"http://localhost:{closed_one.port}/", policy=allowed)
            assert error.code == "blocked_address"
            assert closed_one.connections == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "data:image/png;base64,AAAA",
        "http://",
        "http:///path",
        "http://user@127.0.0.1/",
        "http://user:password@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1/\r\nX: y",
        " http://127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:70000/",
        "http://127.0.0.1:http/",
        "http://[::1/",
        "http://xn--/",
        "http://\ud800/",
        "http://127.0.0.1/" + "a" * 9000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    assert asyncio.run(refused(url)).code == "bad_url"


@pytest.mark.parametrize("url", ["http://nowhere.invalid/", f"http://{'a' * 70}.invalid/"])
def test_a_name_that_is_not_there_is_a_network_error(url: str) -> None:
    assert asyncio.run(refused(url)).code == "network"


def test_a_closed_port_is_a_network_error() -> None:
    async def main() -> None:
        async with origin(answer()) as server:
            port = server.port
        assert (await refused(f"http://127.0.0.1:{port}/")).code == "network"

    asyncio.run(main())


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_redirects_are_followed_to_the_final_address(status: str) -> None:
    async def main() -> None:
        async with (
            origin(answer(b"end")) as last,
            origin(redirect(f"http://127.0.0.1:{last.port}/x", status)) as first,
        ):
            found = await fetch(f"http://127.0.0.1:{first.port}/", policy=policy())
            assert found == FetchResponse(
                Spooled.of(b"end"), None, f"http://127.0.0.1:{last.port}/x"
            )

    asyncio.run(main())


def test_a_redirect_to_an_inner_address_is_blocked_before_it_is_touched() -> None:
    async def main() -> None:
        async with origin(answer(b"SECRET")) as inner:
            port = inner.port
            for location in (
                f"http://127.0.0.1:{port}/",
                f"//127.0.0.1:{port}/",
                f"http://2130706433:{port}/",
                f"http://[::ffff:127.0.0.1]:{port}/",
                f"http://inner.example:{port}/",
            ):
                async with origin(redirect(location), "127.0.0.2") as outer:
                    error = await refused(
                        f"http://outer.example:{outer.port}/",
                        policy=policy(("outer.example",)),
                        resolve=_system_but(
                            {"outer.example": "127.0.0.2", "inner.example": "127.0.0.1"}
                        ),
                    )
                    assert error.code == "blocked_address", location
                    assert outer.connections == 1
            assert inner.connections == 0

    asyncio.run(main())


def _system_but(table: dict[str, str]) -> Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        if host in table:
            return [table[host]]
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
        return [str(entry[4][0]) for entry in found]

    return resolve


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "http://[::1/"]
)
def test_a_redirect_to_a_bad_url_is_refused(location: str) -> None:
    async def main() -> None:
        async with origin(redirect(location)) as server:
            assert (await refused(f"http://127.0.0.1:{server.port}/")).code == "bad_url"

    asyncio.run(main())


@pytest.mark.parametrize("hops", [0, 1, 3])
def test_redirects_end_at_the_policy(hops: int) -> None:
    async def main() -> None:
        async with origin(redirect("/again")) as server:
            url = f"http://127.0.0.1:{server.port}/"
            error = await refused(url, policy=policy(hops=hops))
            assert error.code == "too_many_redirects"
            assert len(server.heads) == hops + 1

    asyncio.run(main())


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


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with origin(answer(b"proxy")) as proxy, origin(answer(b"direct")) as server:
            for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            found = await fetch(f"http://127.0.0.1:{server.port}/", policy=policy())
            assert found.body.read() == b"direct"
            assert proxy.connections == 0

    asyncio.run(main())


def test_tls_checks_the_name_and_not_the_address(tmp_path: Path) -> None:
    server_side, client_side = authority_for("pictures.example", tmp_path)
    requests: list[str | None] = []
    server_side.sni_callback = lambda _socket, name, _context: requests.append(name)

    async def main() -> None:
        async with origin(answer(b"secure"), tls=server_side) as server:
            table = names(pictures_example=["127.0.0.1"], other_example=["127.0.0.1"])
            url = f"https://pictures.example:{server.port}/"
            found = await fetch(url, policy=policy(), resolve=table, tls=client_side)
            assert found.body.read() == b"secure"
            assert requests == ["pictures.example"]
            assert f"host: pictures.example:{server.port}" in server.heads[0].lower()
            other = f"https://other.example:{server.port}/"
            assert (await refused(other, resolve=table, tls=client_side)).code == "network"
            assert (await refused(url, resolve=table)).code == "network"  # unknown authority
            assert len(server.heads) == 1

    asyncio.run(main())


def test_a_wrong_allow_list_is_refused_when_the_policy_is_made() -> None:
    with pytest.raises(ValueError, match="port"):
        FetchPolicy(1, 1, 1, ("host:99999",))
