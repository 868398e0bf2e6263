"""Fetches, callbacks and engines through real proxies on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hinode.engines.remote.http import RequestNotSent, UpstreamClient
from hinode.engines.remote.results import ResultLimits, download_url
from hinode.kit import safe_post
from hinode.kit.proxy import Proxy
from hinode.kit.safe_fetch import FetchError, FetchPolicy, fetch
from tests.support.authority import authority_for
from tests.support.hostile import Hostile, hangs, hostile, says
from tests.support.proxies import TestProxy, running

PUBLIC, PUBLIC_V6, PRIVATE = "93.184.216.34", "2606:2800:220:1::1", "127.0.0.1"
POLICY = FetchPolicy(10_000, 20.0, allow_hosts=("inside.example",))
SCHEMES = ("http", "socks5")


def served(tls: ssl.SSLContext | None = None) -> AbstractAsyncContextManager[Hostile]:
    """A server that answers everything with an empty JSON object."""
    return hostile(says(200, {}), tls=tls)


def names(**table: str) -> Callable[[str, int], Coroutine[Any, Any, Sequence[str]]]:
    """A resolver that knows only these names of .example."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [table[host.removesuffix(".example")]]

    return resolve


def through(proxy: TestProxy, url: str = "") -> FetchPolicy:
    return replace(POLICY, proxy=Proxy.parse(url or proxy.url))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("credentials", ["", "me:secret"])
def test_a_proxy_gets_the_address_and_the_server_the_name(scheme: str, credentials: str) -> None:
    async def main() -> None:
        async with (
            served() as server,
            running(TestProxy(scheme, server.port, credentials)) as proxy,
        ):
            table = names(pictures=PUBLIC, more=PUBLIC_V6)
            for host in ("pictures", "more"):
                url = f"http://{host}.example:8080/a?b"
                found = await fetch(url, policy=through(proxy), resolve=table)
                assert (found.body.read(), found.url) == (b"{}", url)
            assert proxy.targets == [f"{PUBLIC}:8080", f"[{PUBLIC_V6}]:8080"]
            first, _ = server.requests
            assert (first.target, first.headers["host"]) == ("/a?b", "pictures.example:8080")
            assert "proxy-authorization" not in first.headers

    asyncio.run(main())


@pytest.mark.parametrize("scheme", [*SCHEMES, "https"])
def test_tls_goes_by_name_through_a_proxy(scheme: str, tmp_path: Path) -> None:
    server_side, _ = authority_for("pictures.example", tmp_path)
    certificates = (tmp_path / "server.pem").read_text()
    proxy_side, client_side = authority_for("localhost", tmp_path)
    client_side.load_verify_locations(cadata=certificates)
    requests: list[str | None] = []
    server_side.sni_callback = lambda _socket, name, _context: requests.append(name)

    async def main() -> None:
        async with (
            served(server_side) as server,
            running(
                TestProxy(scheme, server.port), proxy_side if scheme == "https" else None
            ) as proxy,
        ):
            table = names(pictures=PUBLIC, other=PUBLIC)
            options: dict[str, Any] = {
                "policy": through(proxy), "resolve": table, "tls": client_side
            }  # fmt: skip
            assert (await fetch("https://pictures.example/", **options)).body.read() == b"{}"
            assert (proxy.targets, requests) == ([f"{PUBLIC}:443"], ["pictures.example"])
            with pytest.raises(FetchError):  # its certificate is another's
                await fetch("https://other.example/", **options)
            assert len(server.requests) == 1

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_private_addresses_stay_blocked_and_allowed_ones_are_reached_directly(scheme: str) -> None:
    async def main() -> None:
        async with served() as server, running(TestProxy(scheme, server.port)) as proxy:
            table = names(inside=PRIVATE, trap=PRIVATE)
            with pytest.raises(FetchError) as caught:
                await fetch(
                    f"http://trap.example:{server.port}/", policy=through(proxy), resolve=table
                )
            assert caught.value.code == "blocked_address"
            url = f"http://inside.example:{server.port}/"
            assert (await fetch(url, policy=through(proxy), resolve=table)).body.read() == b"{}"
            assert proxy.targets == []

    asyncio.run(main())


@pytest.mark.parametrize(
    ("scheme", "credentials", "given", "refusal", "reason"),
    [
        ("http", "", "", 403, "it answered with status 403"),
        ("http", "me:right", "me:wrong", 0, "it answered with status 407"),
        ("socks5", "", "", 5, "it answered with connection_refused"),
        ("socks5", "", "", 99, "Malformed reply"),
        ("socks5", "me:right", "me:wrong", 0, "it refuses the user or the password"),
        ("socks5", "me:right", "", 0, "it wants another authentication"),
    ],
)
def test_a_proxy_that_refuses_is_told_in_the_log_without_its_credentials(
    scheme: str, credentials: str, given: str, refusal: int, reason: str
) -> None:
    async def main() -> None:
        async with (
            served() as server,
            running(TestProxy(scheme, server.port, credentials, refusal)) as proxy,
        ):
            url = f"{scheme}://{given}{'@' if given else ''}{proxy.host}"
            policy = through(proxy, url)
            with capture_logs() as log, pytest.raises(FetchError) as caught:
                await fetch("http://a.example/", policy=policy, resolve=names(a=PUBLIC))
            assert (caught.value.code, server.requests) == ("network", [])
            (line,) = log
            assert (line["event"], line["proxy"]) == ("proxy failed", f"{scheme}://{proxy.host}")
            assert reason in line["reason"]

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("words", [b"", b"SSH-2.0-other\r\n", b"\x05"])
def test_what_is_no_proxy_is_a_connection_that_failed(scheme: str, words: bytes) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def main() -> None:
        other = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = other.sockets[0].getsockname()[1]
        async with other:
            policy = replace(POLICY, proxy=Proxy.parse(f"{scheme}://127.0.0.1:{port}"))
            with pytest.raises(FetchError) as caught:
                await fetch("http://a.example/", policy=policy, resolve=names(a=PUBLIC))
            assert caught.value.code == "network"

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_proxy_that_says_nothing_ends_at_the_deadline(scheme: str) -> None:
    async def main() -> None:
        async with hostile(hangs) as silent:
            proxy = Proxy.parse(f"{scheme}://127.0.0.1:{silent.port}")
            policy = replace(POLICY, timeout_s=0.3, proxy=proxy)
            with pytest.raises(FetchError) as caught:
                await fetch("http://a.example/", policy=policy, resolve=names(a=PUBLIC))
            assert caught.value.code == "timeout"

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_callback_goes_through_a_proxy(scheme: str) -> None:
    async def main() -> None:
        async with served() as server, running(TestProxy(scheme, server.port)) as proxy:
            url = f"http://{PUBLIC}/hook"
            posted = await safe_post.post(url, b"body", {}, policy=through(proxy))
            assert (posted.status, posted.body) == (200, b"{}")
            assert (proxy.targets, server.requests[0].body) == ([f"{PUBLIC}:80"], b"body")

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_engine_names_its_server_to_its_proxy(scheme: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            served() as server,
            running(TestProxy(scheme, server.port, "me:secret")) as proxy,
        ):
            server.replies[:] = [says(200, {}), says(200, {}), says(200, b"film")]
            proxied = Proxy.parse(proxy.url)
            upstream = UpstreamClient("http://gpu.example/v1", {"x-key": "k"}, proxy=proxied)
            async with upstream.connected():
                for _ in range(2):
                    assert (await upstream.call("GET", "/videos/1")).json() == {}
            target = tmp_path / "result.mp4"
            await download_url(upstream, f"http://{PUBLIC}/1.mp4", target, ResultLimits())
            # The proxy resolves the operator's name; the address of a result is checked here.
            assert proxy.targets == ["gpu.example:80", "gpu.example:80", f"{PUBLIC}:80"]
            assert server.requests[0].headers["x-key"] == "k"
            assert target.read_bytes() == b"film"

    asyncio.run(main())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_request_that_a_proxy_refused_was_not_sent(scheme: str) -> None:
    async def main() -> None:
        async with served() as server, running(TestProxy(scheme, server.port, refusal=1)) as proxy:
            proxy.refusal = 502 if scheme == "http" else 1
            upstream = UpstreamClient("http://gpu.example", {}, proxy=Proxy.parse(proxy.url))
            with pytest.raises(RequestNotSent):
                await upstream.call("POST", "/videos", json={})
            proxy.port = 1
            nowhere = UpstreamClient("http://gpu.example", {}, proxy=Proxy.parse(proxy.url))
            with pytest.raises(RequestNotSent):
                await nowhere.call("POST", "/videos", json={})

    asyncio.run(main())
