"""Credentials and paths as real programs spell them, in raw requests."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.wire import Answer, connect, head, read_answer

BODY = json.dumps({"prompt": "a fox"}).encode()


@pytest.fixture(scope="module")
def key(idle: LiveServer) -> str:
    return idle.new_key("doors", DEFAULT_SCOPES | {Scope.ADMIN})


@pytest.fixture
def http(idle: LiveServer) -> Iterator[httpx.Client]:
    """A client without a key, at the server's root."""
    with patient.Client(base_url=idle.url) as client:
        yield client


def ask(server: LiveServer, method: str, path: str, *fields: str, body: bytes = b"") -> Answer:
    """Send one request as it stands, which no client library tidies."""
    length = (f"Content-Length: {len(body)}", "Content-Type: application/json") if body else ()
    with connect(server.url) as line, line.makefile("rb") as stream:
        line.sendall(head(method, path, *fields, *length) + body)
        return read_answer(stream)


@pytest.mark.parametrize(
    "field",
    [
        "Authorization: Bearer {key}",
        "authorization: bearer   {key}",
        "Authorization: {key}",
        "api-key: {key}",
        "Api-Key: Bearer {key}",
        "x-api-key: {key}",
        "Authorization: Bearer\r\napi-key: {key}",
        "Authorization: \r\nx-api-key: {key}",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/videos",
        "/v1/models",
        "/v1/files",
        "/v1/credits",
        "/v1/webhook_endpoints",
        "/v1/admin/accounts",
        "/backend/nf/check",
        "/openai/v1/videos?api-version=preview",
    ],
)
def test_a_key_is_taken_from_every_header_that_clients_send(
    idle: LiveServer, key: str, path: str, field: str
) -> None:
    assert ask(idle, "GET", path, field.format(key=key)).status == 200
    wrong = ask(idle, "GET", path, field.format(key="sk-wrong"))
    assert wrong.status == 401
    assert b"wrong" not in wrong.body


def test_authorization_is_read_before_the_other_headers(idle: LiveServer, key: str) -> None:
    both = (f"api-key: {key}", "Authorization: Bearer sk-wrong")
    assert ask(idle, "GET", "/v1/videos", *both).status == 401


def test_a_browser_may_send_the_headers(http: httpx.Client) -> None:
    for name in ("api-key", "x-api-key"):
        body = {
            "origin": "https://elsewhere.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": name,
        }
        answer = http.options("/v1/videos", headers=body)
        assert answer.status_code == 204
        assert name in answer.headers["access-control-allow-headers"]


def test_test_mode_knows_the_key_of_another_header(idle: LiveServer) -> None:
    key = idle.new_key("doors", frozenset({Scope.TEST, Scope.VIDEOS}))
    answer = ask(idle, "GET", "/v1/videos", f"api-key: {key}", "hinode-simulate: flaky=1")
    assert answer.status == 500


@pytest.mark.parametrize(
    "path",
    [
        "/sora/v1/videos",
        "/openai/v1/videos",
        "/openai/v1/videos?api-version=2025-04-01-preview",
        "/v1//videos",
        "//v1/videos",
        "/v1/videos/",
        "/v1/v1/videos",
        "/openai//v1/v1/videos/?api-version=preview",
    ],
)
def test_a_create_is_served_where_it_was_sent(idle: LiveServer, key: str, path: str) -> None:
    made = ask(idle, "POST", path, f"api-key: {key}", body=BODY)
    assert made.status == 200, made.body
    assert "location" not in made.headers
    assert "x-hinode-ignored" not in made.headers
    video = json.loads(made.body)
    assert "ignored" not in video
    base, _, query = path.partition("?")
    found = ask(idle, "GET", f"{base}/{video['id']}?{query}", f"api-key: {key}")
    assert json.loads(found.body)["id"] == video["id"]


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "/backend//nf/check/", "/v1/credits/"])
def test_slashes_are_forgiven_everywhere(idle: LiveServer, key: str, path: str) -> None:
    assert ask(idle, "GET", path, f"Authorization: {key}").status == 200


def test_the_name_of_a_model_keeps_its_slashes(idle: LiveServer, key: str) -> None:
    for model in ("no/such", "no//such", "no/", "no%2F%2Fsuch"):
        answer = ask(idle, "GET", f"/openai/v1/models/{model}", f"api-key: {key}")
        assert answer.status == 404
        name = model.replace("%2F", "/")
        assert f"'{name}'" in json.loads(answer.body)["error"]["message"]


def test_a_signed_link_is_served_as_it_stands(idle: LiveServer) -> None:
    answer = ask(idle, "GET", "/files/x//0/video.mp4")
    assert answer.status == 404
    assert ask(idle, "GET", "/files/x/").status != 200
