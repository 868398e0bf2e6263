"""Requests find the same endpoint as by trying every route, and bad tables are refused at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hinode.api.direct import DirectApp

ROUTES = (
    ("GET", "/things/newest"),
    ("GET", "/things/{thing}"),
    ("DELETE", "/things/{thing}"),
    ("GET", "/things/{thing}/parts/{part}"),
    ("GET", "/{kind}/all"),
    ("GET", "/models/{model:path}"),
    ("GET", "/"),
)


@pytest.fixture(scope="module")
def app() -> DirectApp:
    app = DirectApp()
    for method, path in ROUTES:
        app.add_api_route(path, _saying(method, path), methods=[method], response_model=None)
    return app


def _saying(method: str, path: str) -> Any:
    async def say(request: Request, **words: str) -> Response:
        return PlainTextResponse(f"{method} {path} {sorted(request.path_params.values())}")

    async def thing(request: Request, thing: str) -> Response:
        return await say(request, thing=thing)

    async def part(request: Request, thing: str, part: str) -> Response:
        return await say(request, thing=thing, part=part)

    async def kind(request: Request, kind: str) -> Response:
        return await say(request, kind=kind)

    async def model(request: Request, model: str) -> Response:
        return await say(request, model=model)

    async def plain(request: Request) -> Response:
        return await say(request)

    taking = {"{part}": part, "{thing}": thing, "{kind}": kind, "{model": model}
    return next((one for word, one in taking.items() if word in path), plain)


def ask(app: DirectApp, method: str, path: str, root: str = "") -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, root_path=root)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request(method, path)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/things/newest", "GET /things/newest []"),
        ("GET", "/things/7", "GET /things/{thing} ['7']"),
        ("GET", "/things/a%2Fb", "404"),
        ("DELETE", "/things/newest", "DELETE /things/{thing} ['newest']"),
        ("GET", "/things/7/parts/9", "GET /things/{thing}/parts/{part} ['7', '9']"),
        ("GET", "/things/all", "GET /things/{thing} ['all']"),
        ("GET", "/people/all", "GET /{kind}/all ['people']"),
        ("GET", "/models/a/b/c", "GET /models/{model:path} ['a/b/c']"),
        ("GET", "/models/a", "GET /models/{model:path} ['a']"),
        ("GET", "/", "GET / []"),
        ("POST", "/things/7", "405"),
        ("GET", "/things/7/", "404"),
        ("GET", "//things/7", "404"),
        ("GET", "/nowhere", "404"),
    ],
)
def test_a_request_finds_its_endpoint(app: DirectApp, method: str, path: str, said: str) -> None:
    answer = ask(app, method, path)
    assert (answer.text if answer.status_code == 200 else str(answer.status_code)) == said


def test_a_root_path_is_left_out(app: DirectApp) -> None:
    assert ask(app, "GET", "/base/things/7", root="/base").text == "GET /things/{thing} ['7']"


def test_an_endpoint_that_asks_for_what_its_path_has_not_is_refused() -> None:
    async def wrong(request: Request, page: int) -> Response:
        raise AssertionError

    async def nothing() -> Response:
        raise AssertionError

    for endpoint in (wrong, nothing):
        with pytest.raises(TypeError, match="/things"):
            DirectApp().add_api_route("/things", endpoint, response_model=None)
