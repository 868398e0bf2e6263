"""Bodies, chunks and idle connections beyond their bounds end their own connection only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.wire import connect, head, read_answer

CHUNKED = "Transfer-Encoding: chunked"
JSON = "Content-Type: application/json"
LONG = "Content-Length: 1000"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HinodeProcess]:
    """A server with narrow bounds."""
    bounds = {
        "HINODE_MAX_HEADER_KB": "8",
        "HINODE_MIN_BODY_RATE": "1000",
        "HINODE_BODY_WINDOW_SECONDS": "1",
        "HINODE_KEEP_ALIVE_SECONDS": "1",
    }
    folder: Path = tmp_path_factory.mktemp("strict")
    process = HinodeProcess(folder / "data", environment=bounds)
    process.start()
    yield process
    process.stop()


def test_the_dialects_tell_a_slow_body_in_their_own_form(strict: HinodeProcess) -> None:
    key = f"Authorization: Bearer {strict.key}"
    paths = {
        "/v1/videos": {"message", "type", "param", "code"},
        "/v1/videos/generations": {"code", "message", "type"},
        "/v1/admin/accounts": {"code", "message", "type"},
        "/oauth/token": {"message", "type", "param", "code"},
    }
    for path, members in paths.items():
        with connect(strict.address) as connection, connection.makefile("rb") as stream:
            connection.sendall(head("POST", path, key, JSON, LONG) + b"{")
            answer = read_answer(stream)

            assert answer.status == 408, path
            error = json.loads(answer.body)["error"]
            assert set(error) == members, path
            assert error["code"] == "request_timeout"
            assert answer.headers["x-should-retry"] == "false"
            assert answer.headers["connection"] == "close"
            assert stream.read() == b""


def test_the_rest_of_a_refused_body_is_not_waited_for(strict: HinodeProcess) -> None:
    with connect(strict.address) as connection, connection.makefile("rb") as stream:
        connection.sendall(head("POST", "/v1/videos", JSON, LONG) + b"{")

        assert read_answer(stream).status == 401
        assert stream.read() == b""


def test_extensions_and_trailers_of_chunks_are_bounded(strict: HinodeProcess) -> None:
    for endless in (b"5;a=" + b"e" * 9_000, b"0\r\na: " + b"x" * 9_000):
        with connect(strict.address) as connection, connection.makefile("rb") as stream:
            key = f"Authorization: Bearer {strict.key}"
            wait = "Expect: 100-continue"
            connection.sendall(head("POST", "/v1/videos", key, JSON, CHUNKED, wait))
            assert read_answer(stream).status == 100
            connection.sendall(endless)

            answer = read_answer(stream)
            assert answer.status == 431
            assert json.loads(answer.body)["error"]["code"] == "request_header_fields_too_large"
            assert stream.read() == b""


def test_a_trailer_is_no_credential(strict: HinodeProcess) -> None:
    with connect(strict.address) as connection, connection.makefile("rb") as stream:
        body = b"2\r\n{}\r\n0\r\nAuthorization: Bearer %b\r\n\r\n" % strict.key.encode()
        connection.sendall(head("POST", "/v1/videos", JSON, CHUNKED) + body)

        assert read_answer(stream).status == 401


def test_an_idle_connection_is_ended_after_its_time(strict: HinodeProcess) -> None:
    with connect(strict.address) as connection, connection.makefile("rb") as stream:
        for _ in range(2):
            connection.sendall(head("GET", "/healthz"))
            assert read_answer(stream).status == 200
        assert stream.read() == b""


def test_an_offer_of_another_protocol_leaves_no_bound(strict: HinodeProcess) -> None:
    fields = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    with connect(strict.address) as connection, connection.makefile("rb") as stream:
        connection.sendall(head("GET", "/healthz", *fields, "Sec-WebSocket-Key: c2l4dGVlbg=="))
        assert read_answer(stream).status == 200
        assert stream.read() == b""
    assert patient.get(f"{strict.address}/healthz").status_code == 200
