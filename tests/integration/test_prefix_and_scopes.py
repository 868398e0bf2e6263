"""Every route of the dialect under both base URLs, and for keys with the right scope only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient

# By the whole path, else by its first two steps.
SCOPES = {
    "/v1/videos": Scope.VIDEOS,
    "/v1/video": Scope.VIDEOS,
    "/v1/images": Scope.IMAGES,
    "/v1/chat": Scope.CHAT,
    "/v1/videos/generations": Scope.TASKS,
    "/v1/tasks": Scope.TASKS,
    "/v1/credits": Scope.TASKS,
    "/v1/usage": Scope.TASKS,
    "/v1/callback_secret": Scope.TASKS,
    "/v1/me": Scope.VIDEOS,
    "/v1/styles": Scope.VIDEOS,
    "/v1/jobs": Scope.VIDEOS,
    "/v1/events": Scope.VIDEOS,
}
FOR_ALL = {"/v1/videos/models"}
METHODS = ("get", "head", "post", "delete")


@pytest.fixture
def http(idle: LiveServer) -> Iterator[httpx.Client]:
    """A client without a key, at the server's root."""
    with patient.Client(base_url=idle.url) as client:
        yield client


def routes(http: httpx.Client) -> list[tuple[str, str]]:
    """All methods and paths of the document that need a key, their variables filled in."""
    paths: dict[str, Any] = http.get("/openapi.json").json()["paths"]
    found = [
        (method.upper(), "/".join("x" if "{" in step else step for step in path.split("/")))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in METHODS and path.startswith("/v1/") and operation["security"] != []
    ]
    assert len(found) >= 15
    return found


def meaning(answer: httpx.Response) -> tuple[int, bytes]:
    return answer.status_code, answer.content


def test_both_bases_serve_every_route_and_the_document_has_it_once(http: httpx.Client) -> None:
    for method, path in routes(http):
        here, there = http.request(method, path), http.request(method, f"/sora{path}")
        azure = http.request(method, f"/openai{path}?api-version=preview")
        assert meaning(here) == meaning(there) == meaning(azure), path
        assert here.status_code == 401, path
    documented = http.get("/openapi.json").json()["paths"]
    assert not [path for path in documented if path.startswith("/sora")]


def test_the_second_base_is_the_first(http: httpx.Client, api: httpx.Client) -> None:
    headers = {"authorization": api.headers["authorization"].removeprefix("Bearer ")}
    made = http.post("/sora/v1/videos", json={"prompt": "画小猫"}, headers=headers)
    assert made.status_code == 200, made.text
    one = made.json()["id"]

    for path in (
        f"/videos/{one}",
        "/videos?limit=1&order=desc",
        "/models/sora%2D2",
        "/models/a%2Fb",
    ):
        under_both = [http.get(f"{base}{path}", headers=headers) for base in ("/v1", "/sora/v1")]
        assert meaning(under_both[0]) == meaning(under_both[1])
    wrong = http.put("/sora/v1/videos", headers=headers)
    allowed = "GET, HEAD, OPTIONS, POST"
    assert (wrong.status_code, wrong.headers["allow"]) == (405, allowed)
    for nowhere in (
        "/sora",
        "/sora/v1",
        "/sora/v2/videos",
        "/sora/sora/v1/videos",
        "/sora/healthz",
    ):
        assert http.get(nowhere, headers=headers).json()["error"]["code"] == "unknown_url"
    gone = http.delete(f"/sora/v1/videos/{one}", headers=headers)
    assert gone.json() == {"object": "video.deleted", "deleted": True, "id": one}


def test_a_key_without_the_scope_is_told_which_one(http: httpx.Client, idle: LiveServer) -> None:
    keys = {
        scope: idle.new_key(f"no-{scope}", DEFAULT_SCOPES - {scope}) for scope in SCOPES.values()
    }
    for method, path in routes(http):
        scope = SCOPES.get(path) or SCOPES.get("/".join(path.split("/")[:3]))
        if scope is None or path in FOR_ALL:
            continue
        answer = http.request(method, path, headers={"authorization": keys[scope]})
        assert answer.status_code == 403, path
        if method == "HEAD":
            continue
        error = answer.json()["error"]
        assert error["code"] == "insufficient_permissions"
        assert f"'{scope}'" in error["message"]


@pytest.mark.parametrize("scope", Scope)
def test_any_key_may_look_at_the_models(http: httpx.Client, idle: LiveServer, scope: Scope) -> None:
    headers = {"authorization": idle.new_key("models", frozenset({scope}))}
    for path in ("/models", "/models/sora-2", "/videos/models"):
        assert http.get(f"/v1{path}", headers=headers).status_code == 200
