"""The index finds what trying all routes in turn finds."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from hinode.api.route_index import RouteIndex


async def _endpoint(_request: Request) -> Response:
    return Response()


def _route(path: str, *methods: str) -> Route:
    return Route(path, _endpoint, methods=list(methods) or ["GET"])


ROUTES = [
    _route("/"),
    _route("/v1/videos/generations", "POST"),
    _route("/v1/videos/generations"),
    _route("/v1/videos", "POST"),
    _route("/v1/videos"),
    _route("/v1/videos/{video_id}"),
    _route("/v1/videos/{video_id}", "DELETE"),
    _route("/v1/videos/{video_id}/content"),
    _route("/v1/models/{model_id:path}"),
    _route("/v1/models"),
    _route("/g/{post}"),
    _route("/g/{post}/{file:path}"),
    _route("/files/{proof}/{name}"),
    _route("/page/{number:int}"),
    _route("/{asset:path}"),
]
PATHS = [
    "/",
    "",
    "//",
    "/v1",
    "/v1/",
    "/v1/videos",
    "/v1/videos/",
    "/v1/videos/generations",
    "/v1/videos/video_1",
    "/v1/videos/video_1/content",
    "/v1/videos/video_1/content/more",
    "/v1/models",
    "/v1/models/a/b/c",
    "/v1/nothing",
    "/g/p",
    "/g/p/a/b",
    "/files/x/y",
    "/files/x/y/z",
    "/page/7",
    "/page/seven",
    "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
    "/{post}/x",
]


def _tried_in_turn(method: str, path: str) -> tuple[Route, dict[str, object]] | None:
    scope = {"type": "http", "method": method, "path": path}
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return route, found["path_params"]
    return None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "BREW"])
@pytest.mark.parametrize("path", PATHS)
def test_the_index_finds_the_route_that_trying_all_in_turn_finds(method: str, path: str) -> None:
    index = RouteIndex(ROUTES)

    assert index.find(method, path) == _tried_in_turn(method, path)
    assert index.find(method, path) == _tried_in_turn(method, path)  # from what it remembers


def test_a_path_has_the_routes_of_all_methods_in_order() -> None:
    index = RouteIndex(ROUTES[:-1])

    here = index.routes_at("/v1/videos/video_1")
    assert here == ROUTES[5:7]
    assert {method for one in here for method in one.methods or ()} == {"GET", "HEAD", "DELETE"}
    assert index.routes_at("/nowhere") == []
