"""SIGTERM ends the server within its setting, whatever its clients and its database do."""

from __future__ import annotations

import io
import random
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.live import wait_until_ended
from tests.support.wire import connect, head

SHUTDOWN_SECONDS = 6.0
SLACK_SECONDS = 3.0
"""For the machine, which may have much else to do."""
EACH = 20
BUFFER_BYTES = 4_096
JSON = "Content-Type: application/json"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path / "data", {"HINODE_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS)})
    process.start()
    yield process
    process.stop()


@pytest.fixture
def key(server: HinodeProcess) -> str:
    return f"Authorization: Bearer {server.key}"


def client(server: HinodeProcess) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.key}"}
    return patient.Client(base_url=f"{server.address}/v1", headers=headers)


def noise(width: int, height: int) -> bytes:
    """Return a picture that is larger than what the network keeps for a slow reader."""
    picture = Image.frombytes(
        "RGB", (width, height), random.Random(1).randbytes(width * height * 3)
    )
    into = io.BytesIO()
    picture.save(into, "PNG", compress_level=0)
    return into.getvalue()


def stop(server: HinodeProcess) -> float:
    """Send SIGTERM; return the seconds until the process has ended."""
    started = time.monotonic()
    assert server.stop() == 0
    return time.monotonic() - started


def unfinished(server: HinodeProcess, stack: ExitStack, *requests: bytes) -> None:
    """Send requests on connections that stay open, and wait until each answer has begun."""
    for sent in requests:
        connection = stack.enter_context(connect(server.address))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        connection.sendall(sent)
        assert connection.recv(12, socket.MSG_WAITALL) in (b"HTTP/1.1 200", b"HTTP/1.1 100")


def test_open_streams_and_half_uploads_end_in_time_and_the_job_goes_on(
    server: HinodeProcess, key: str
) -> None:
    with client(server) as api, ExitStack() as stack:
        big = {"file": ("noise.png", noise(2400, 2000), "image/png")}
        made = api.post("/files", data={"purpose": "vision"}, files=big)
        assert made.status_code == 200, made.text
        body = {"prompt": "a fox", "seconds": "4", "size": "1280x720"}
        video = api.post("/videos", json=body).json()["id"]
        upload = head(
            "POST", "/v1/videos", key, JSON, "Content-Length: 9000", "Expect: 100-continue"
        )
        unfinished(
            server,
            stack,
            *[head("GET", f"/v1/videos/{video}/events", key)] * EACH,
            *[head("GET", f"/v1/files/{made.json()['id']}/content", key)] * EACH,
            *[upload] * EACH,
        )

        assert stop(server) < SHUTDOWN_SECONDS + SLACK_SECONDS

    said = server.log.read_text()
    assert "did not end in time" not in said
    assert '"level": "error"' not in said
    server.start()
    with client(server) as api:
        assert wait_until_ended(api, video)["status"] == "completed"


def test_a_database_that_does_not_answer_holds_the_end_up_no_longer(
    server: HinodeProcess, key: str
) -> None:
    other = sqlite3.connect(server.data / "hinode.db", isolation_level=None)
    with connect(server.address) as connection:
        other.execute("BEGIN IMMEDIATE")
        body = b'{"prompt": "a fox"}'
        connection.sendall(head("POST", "/v1/videos", key, JSON, f"Content-Length: {len(body)}"))
        connection.sendall(body)

        assert stop(server) < SHUTDOWN_SECONDS + SLACK_SECONDS

    other.close()
    server.start()
    with client(server) as api:
        video = api.post("/videos", json={"prompt": "a fox", "num_frames": 10}).json()["id"]
        assert wait_until_ended(api, video)["status"] == "completed"
