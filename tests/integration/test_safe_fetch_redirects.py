"""The fetcher and redirects: each hop is checked as the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from hinode.kit.safe_fetch import FetchResponse, fetch
from hinode.kit.spool import Spooled
from tests.support.web_origin import answer, origin, policy, redirect, refused


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
