"""A stranger's idle connections leave room for other clients and for the server's own work."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import patient
from tests.support.live import wait_until_ended

OPEN_FILES = 256
STRANGER = "127.0.0.2"
IDLE = 400
SERVE = (sys.executable, "-m", "hinode.cli.main", "serve", "--port", "0")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address and the key of a server that may have few open files."""

    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -n {OPEN_FILES}; exec "$@"', "sh", *SERVE],
            stderr=output,
            env={**os.environ, "HINODE_DATA": str(tmp_path / "data")},
        )
    try:
        yield _first_steps(log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def _first_steps(log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = log.read_text()
        key = re.search(r"sk-[\w-]+", text)
        address = re.search(r"http://127\.0\.0\.1:\d+", text)
        if key and address and "write_to_file" in text:
            return address[0], key[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.full
def test_idle_connections_of_a_stranger_stop_neither_clients_nor_jobs(
    server: tuple[str, str],
) -> None:
    address, key = server
    place = urlsplit(address)
    headers = {"authorization": f"Bearer {key}"}
    with ExitStack() as stack, patient.Client(base_url=f"{address}/v1", headers=headers) as api:
        to, source = (place.hostname or "", place.port or 0), (STRANGER, 0)
        idle = [
            stack.enter_context(socket.create_connection(to, 30, source_address=source))
            for _ in range(IDLE)
        ]
        _until(lambda: sum(map(_is_closed, idle)) > IDLE - OPEN_FILES)

        video = api.post("/videos", json={"prompt": "a fox", "seconds": "4"}).json()["id"]
        ended = wait_until_ended(api, video)["status"]

    assert ended == "completed"
    assert patient.get(f"{address}/readyz", params={"for": "create"}).status_code == 200


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
