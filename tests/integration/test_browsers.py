"""Browsers of other origins read every answer, and OPTIONS and HEAD are answered everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.core.jobs.service import JobService
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live, wait_until_ended

pytestmark = pytest.mark.our_choice

READABLE = {
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
}
"""What scripts of another origin read without its being exposed (Fetch Standard, §2.2.2)."""
FOR_BROWSERS = {
    "connection",
    "content-security-policy",
    "location",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-accel-buffering",
    "x-content-type-options",
    "x-robots-tag",
}
"""What browsers and proxies act on, and no script reads."""
PARAMETER = re.compile(r"\{[^}]+\}")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder: Path = tmp_path_factory.mktemp("browsers")
    with open_live(folder, workers=True) as server:
        yield server


@pytest.fixture(scope="module")
def api(live: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {live.new_key('page')}"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=60.0) as client:
        yield client


def exposed(answer: httpx.Response) -> set[str]:
    """Return the names of the headers that a script of another origin can read."""
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-allow-credentials" not in answer.headers
    return {one.strip() for one in answer.headers["access-control-expose-headers"].split(",")}


def templates(live: LiveServer) -> dict[str, set[str]]:
    """Return the methods of every route by its path."""
    found: dict[str, set[str]] = {}
    for route in live.app.routes:
        assert isinstance(route, Route)
        found.setdefault(route.path, set()).update(route.methods or ())
    return found


def test_scripts_read_what_sdks_and_players_need(
    live: LiveServer, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = wait_until_ended(api, api.post("/videos", data={"prompt": "a fox"}).json()["id"])["id"]
    answers = {
        "a list": api.get("/videos"),
        "a video": api.get(f"/videos/{video}"),
        "a piece": api.get(f"/videos/{video}/content", headers={"range": "bytes=0-9"}),
        "beyond": api.get(f"/videos/{video}/content", headers={"range": "bytes=999999999-"}),
        "its head": api.head(f"/videos/{video}/content"),
        "no key": patient.get(f"{live.url}/v1/videos"),
        "nowhere": patient.get(f"{live.url}/v9/nowhere"),
        "wrong method": api.put("/videos"),
        "no such task": api.get("/tasks/none"),
        "no such draft": patient.get(f"{live.url}/backend/project_y/profile/drafts/none"),
        "health": patient.get(f"{live.url}/healthz"),
        "no page": patient.get(f"{live.url}/p/none"),
    }

    def explode(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(JobService, "create_video", explode)
    answers["a failure"] = api.post("/videos", data={"prompt": "x"})

    assert answers["a failure"].headers["x-should-retry"] == "false"
    assert answers["a piece"].status_code == 206
    assert answers["beyond"].status_code == 416
    for name, answer in answers.items():
        told = {one for one in answer.headers if not one.startswith("access-control-")}
        hidden = told - exposed(answer) - READABLE - FOR_BROWSERS
        assert not hidden, f"{name}: {hidden}"
    needed = {"x-should-retry", "retry-after", "content-range", "accept-ranges", "etag"}
    needed |= {"content-length", "content-disposition", "x-request-id", "openai-poll-after-ms"}
    needed |= {"x-hinode-ignored"}
    assert needed <= exposed(answers["a list"])


def test_a_preflight_is_answered_on_every_route(live: LiveServer) -> None:
    body = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-stainless-lang,content-type",
    }

    for path in (*templates(live), "/sora/v1/videos", "/v9/nowhere"):
        answer = patient.options_of(f"{live.url}{PARAMETER.sub('x', path)}", headers=body)

        assert (answer.status_code, answer.content) == (204, b""), path
        assert (
            answer.headers["access-control-allow-headers"] == body["access-control-request-headers"]
        )
        assert {"GET", "POST", "PATCH", "DELETE"} <= set(
            answer.headers["access-control-allow-methods"].split(", ")
        )
        exposed(answer)


def test_options_tells_what_a_path_serves(live: LiveServer) -> None:
    allowed = {
        "/healthz": "GET, HEAD, OPTIONS",
        "/v1/videos": "GET, HEAD, OPTIONS, POST",
        "/v1/videos/generations": "OPTIONS, POST",
        "/v1/chat/completions": "OPTIONS, POST",
    }

    for path, methods in allowed.items():
        answer = patient.options_of(f"{live.url}{path}")
        assert (answer.status_code, answer.headers["allow"]) == (204, methods)
    assert patient.options_of(f"{live.url}/v9/nowhere").status_code == 404


def test_head_is_answered_wherever_get_is(live: LiveServer, api: httpx.Client) -> None:
    paths = [path for path, methods in templates(live).items() if "GET" in methods]
    assert len(paths) > 40
    for template in paths:
        path = PARAMETER.sub("x", template)
        # Its head only: a stream of events has no end.
        with api.stream("GET", f"{live.url}{path}") as read:
            head = api.head(f"{live.url}{path}")

        assert (head.status_code, head.content) == (read.status_code, b""), path
        assert head.headers.get("content-type") == read.headers.get("content-type")


def test_the_head_of_a_stream_ends_at_once(live: LiveServer) -> None:
    key = live.new_key("stall", DEFAULT_SCOPES | {Scope.TEST})
    headers = {"authorization": f"Bearer {key}", "hinode-simulate": "stall"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=60.0) as api:
        video = api.post("/videos", data={"prompt": "a fox"}).json()["id"]

        head = api.head(f"/videos/{video}/events")

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
        assert api.delete(f"/videos/{video}").status_code == 200
