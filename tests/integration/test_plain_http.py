"""Offers of HTTP/2 on plain connections are not heard, and nothing of the request is lost."""

from __future__ import annotations

import json
import socket

import pytest

from hinode.testing.server import LiveServer
from tests.support.wire import connect, head, read_answer

OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"


def request(body: bytes, method: str = "POST") -> bytes:
    head = f"{method} /v1/videos HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    return f"{head}{OFFER}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_a_connection_goes_on_with_bodies_and_more_requests(idle: LiveServer, pieces: int) -> None:
    # The same words in a body are left alone: the prompt comes back as it was sent.
    prompt = "a cat\r\nUpgrade: h2c\r\n\r\nUpgrade: h2c\r\n"
    key = idle.new_key("upgrader")
    body = json.dumps({"prompt": prompt}).encode()
    whole = request(body).replace(b"Host: here", f"Host: here\r\nAuthorization: {key}".encode())
    cut = whole.index(b"\r\n\r\n") + 4
    with connect(idle.url) as sent, sent.makefile("rb") as stream:
        sent.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            parts = {1: [whole], 2: [whole[:cut], whole[cut:]]}.get(
                pieces, [whole[:40], whole[40:cut], whole[cut:]]
            )
            for part in parts:
                sent.sendall(part)
            answer = read_answer(stream)
            assert (answer.status, json.loads(answer.body)["prompt"]) == (200, prompt)
        sent.sendall(request(b"", "GET"))
        assert read_answer(stream).status == 401


def test_a_server_of_tests_has_the_bounds_of_its_settings(idle: LiveServer) -> None:
    with connect(idle.url) as sent, sent.makefile("rb") as stream:
        sent.sendall(head("GET", "/healthz", *["a: x"] * 100))

        assert read_answer(stream).status == 431
        assert stream.read() == b""
