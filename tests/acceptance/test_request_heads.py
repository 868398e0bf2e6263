"""Heads of requests beyond their bounds end their own connection only; real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.wire import connect, read_answer

LINE = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[HinodeProcess]:
    """A server with narrow bounds."""
    bounds = {"HINODE_MAX_HEADER_KB": "16", "HINODE_HEADER_TIMEOUT_SECONDS": "3"}
    process = HinodeProcess(tmp_path / "data", environment=bounds)
    process.start()
    yield process
    process.stop()


def answer_to(server: HinodeProcess, *sent: bytes) -> bytes:
    """Send, then read until the server ends the connection."""
    with connect(server.address) as connection, connection.makefile("rb") as stream:
        for piece in sent:
            connection.sendall(piece)
        return stream.read()


@pytest.mark.parametrize(
    "head",
    [
        LINE + b"a: " + b"x" * 17_000 + b"\r\n\r\n",
        LINE + b"a: " + b"x" * 17_000,
        LINE + b"a: x\r\n" * 100 + b"\r\n",
        b"GET /" + b"x" * 17_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["long field", "unfinished field", "many fields", "long line"],
)
def test_a_head_beyond_its_bounds_is_answered_431(strict: HinodeProcess, head: bytes) -> None:
    said, _, body = answer_to(strict, head[:20], head[20:]).partition(b"\r\n\r\n")

    assert said.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["error"]["code"] == "request_header_fields_too_large"
    assert patient.get(f"{strict.address}/healthz").status_code == 200


@pytest.mark.parametrize("head", [b"", LINE, b"\r\n"], ids=["nothing", "half a head", "blank"])
def test_a_head_that_does_not_end_is_not_waited_for(strict: HinodeProcess, head: bytes) -> None:
    assert answer_to(strict, head) == b""


def test_large_bodies_and_reused_connections_are_not_counted(strict: HinodeProcess) -> None:
    whole = LINE + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000
    with connect(strict.address) as connection, connection.makefile("rb") as stream:
        for _ in range(3):
            connection.sendall(whole)
            assert read_answer(stream).status == 200
