"""A server below a prefix that a proxy keeps to itself: told of it by the proxy, or by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from hinode.api.client_address import ClientAddressMiddleware
from hinode.core.jobs.account_admin import AccountCreate, AccountUpdate
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.openid_provider import let_in, openid_provider
from tests.support.people import server_with
from tests.support.pictures import png_bytes
from tests.support.prefix_proxy import prefix_proxy
from tests.support.responses import good

PASSWORD = "correct horse"
TRUSTED: dict[str, Any] = {"trusted_proxies": ("127.0.0.1",)}


@contextmanager
def below(server: LiveServer, prefix: str, *, tells: bool) -> Iterator[httpx.Client]:
    """Give a browser's client of the server below a prefix; its paths begin with the prefix."""
    port = urlsplit(server.url).port
    assert port is not None
    with prefix_proxy(prefix, port, tells=tells) as address:
        headers = {"origin": address.removesuffix(prefix)}
        with patient.Client(base_url=address, headers=headers) as client:
            yield client


def log_in(server: LiveServer, page: httpx.Client) -> dict[str, Any]:
    accounts = server.services.core.accounts
    accounts.create(AccountCreate("ann", credits=1000))
    accounts.change(None, "ann", AccountUpdate(password=PASSWORD))
    given = {"username": "ann", "password": PASSWORD}
    return good(page.post("/api/auth/app/login", json=given))


@pytest.mark.parametrize(
    ("prefix", "tells", "settings"),
    [
        ("/films", False, {}),
        ("/films", True, {}),
        ("/films", True, TRUSTED),
        ("/app", True, TRUSTED),
        ("/a/b.c", True, TRUSTED),
        ("/films", False, {"public_url": "https://films.example/else"}),
    ],
)
def test_a_session_lives_on_below_a_prefix(
    tmp_path: Path, prefix: str, tells: bool, settings: dict[str, Any]
) -> None:
    with (
        server_with(tmp_path, **settings) as server,
        below(server, prefix, tells=tells) as page,
    ):
        log_in(server, page)
        (cookie,) = page.cookies.jar
        assert cookie.path == f"{prefix}/api/auth/app"
        assert page.get("/api/auth/app").json()["session"] is True
        token = good(page.post("/api/auth/app/token"))["access_token"]
        assert page.get("/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 200
        assert page.get("/v1/me").status_code == 401
        assert page.get("/app/studio").status_code == 200
        good(page.post("/api/auth/app/logout"))
        assert list(page.cookies.jar) == []
        assert page.post("/api/auth/app/token").status_code == 401


@pytest.mark.parametrize(
    ("tells", "settings", "root"),
    [
        (True, TRUSTED, "/films"),
        (True, {}, ""),
        (True, {"trusted_proxies": ("10.0.0.0/8",)}, ""),
        (False, {**TRUSTED, "public_url": "http://films.example/else"}, "/else"),
    ],
)
def test_addresses_have_the_prefix_that_a_trusted_proxy_tells(
    tmp_path: Path, tells: bool, settings: dict[str, Any], root: str
) -> None:
    with (
        server_with(tmp_path, **settings) as server,
        below(server, "/films", tells=tells) as page,
    ):
        token = log_in(server, page)["access_token"]
        picture = {"file": ("a.png", png_bytes(400, 300), "image/png")}
        bearer = {"authorization": f"Bearer {token}"}
        sent = page.post("/backend/uploads", files=picture, headers=bearer)
        url = urlsplit(good(sent)["url"])
        assert url.path.startswith(f"{root}/files/")
        assert page.get(url.path.removeprefix(root)).status_code == 200


def test_single_sign_on_below_a_prefix_comes_back_below_it(tmp_path: Path) -> None:
    with openid_provider([{"sub": "alice"}]) as issuer:
        oidc = {"issuer": issuer, "client_id": "hinode", "client_secret": "secret"}
        with (
            server_with(tmp_path, oidc=oidc, **TRUSTED) as server,
            below(server, "/films", tells=True) as page,
        ):
            begun = page.get("/api/auth/oidc/start").headers["location"]
            back = parse_qs(urlsplit(begun).query)["redirect_uri"][0]
            assert back == f"{page.base_url}api/auth/oidc/callback"
            came = page.get(let_in(begun, "alice"))
            assert (came.status_code, came.headers["location"]) == (303, "../../../app/studio")
            assert [one.path for one in page.cookies.jar] == ["/films/api/auth/app"]
            good(page.post("/api/auth/app/token"))


@pytest.mark.parametrize(
    "told",
    [
        "films", "//evil.example", "/a//b", "/../x", "/.", "/a/../b", "/%2e", "/a?b", "/a b",
        "/a, /b", "https://evil.example", "/" + "a" * 300, "/a" * 9, "/\u00fc", "",
    ],
)  # fmt: skip
def test_a_prefix_that_is_no_plain_path_is_not_heeded(told: str) -> None:
    assert root_of(told.encode("latin-1"), "127.0.0.1") == ("", "/v1/models", b"/v1/models")


def test_a_prefix_is_heeded_from_a_trusted_proxy_only() -> None:
    told = ("/a/b", "/a/b/v1/models", b"/a/b/v1/models")
    assert root_of(b"/a/b", "127.0.0.1") == root_of(b"/a/b/", "127.0.0.1") == told
    assert root_of(b"/a/b", "127.0.0.2") == ("", "/v1/models", b"/v1/models")


def root_of(told: bytes, peer: str) -> tuple[str, str, bytes]:
    """Return root path, path and raw path of a request that came by a peer with this prefix."""
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: object) -> Any:
        raise AssertionError

    scope = {
        "type": "http", "client": (peer, 1), "scheme": "http", "root_path": "",
        "path": "/v1/models", "raw_path": b"/v1/models",
        "headers": [(b"x-forwarded-prefix", told)],
    }  # fmt: skip
    asyncio.run(ClientAddressMiddleware(app, ["127.0.0.1/32"])(scope, nothing, nothing))
    (found,) = seen
    return found["root_path"], found["path"], found["raw_path"]
