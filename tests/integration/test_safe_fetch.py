"""The fetcher against real servers: addresses it connects to, and those it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from hinode.kit.safe_fetch import FetchPolicy, FetchResponse, fetch
from hinode.kit.spool import Spooled
from tests.support.authority import authority_for
from tests.support.web_origin import answer, origin, policy, refused


def names(**table: Sequence[str]) -> Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]:
    """A resolver that knows only these names (``_`` for ``.``)."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return table[host.replace(".", "_")]

    return resolve


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
