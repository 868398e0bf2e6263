"""Another account is served while a stranger attacks the wire; the server's memory stays small.

Short forms run with the other tests; `make chaos` sends each flood in full and measures the delay.
"""

from __future__ import annotations

import itertools
import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.support.hinode_process import HinodeProcess
from tests.support.wire import connect, head

FULL = os.environ.get("HINODE_CHAOS") == "full"
STRANGER = "127.0.0.2"
FLOOD_BYTES = 158_000_000 if FULL else 16_000_000
IDLE = 400
SLOW = 50
REQUESTS = 500 if FULL else 50
MAX_GROWTH_MB = 200
PATIENCE_SECONDS = 120.0

CHUNKED = head("POST", "/v1/videos", "Transfer-Encoding: chunked")
LINE = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"
FLOODS = {
    "fields": (LINE, b"a: " + b"x" * 4_000 + b"\r\n"),
    "tiny fields": (LINE, b"a: x\r\n"),
    "one field": (LINE + b"a: ", b"x" * 4_000),
    "request line": (b"GET /", b"x" * 4_000),
    "extensions": (CHUNKED, b"1;a=" + b"x" * 4_000 + b"\r\nx\r\n"),
    "one extension": (CHUNKED + b"1;a=", b"x" * 4_000),
    "trailers": (CHUNKED + b"0\r\n", b"a: " + b"x" * 4_000 + b"\r\n"),
    "tiny chunks": (CHUNKED, b"1\r\nx\r\n"),
    "blank lines": (b"", b"\r\n"),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HinodeProcess]:
    process = HinodeProcess(tmp_path / "data", {"HINODE_WORKERS": "false"})
    process.start()
    yield process
    process.stop()


@pytest.fixture
def client(server: HinodeProcess) -> Iterator[httpx.Client]:
    with server.client() as one:
        yield one


@contextmanager
def besides(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do something until the block ends."""
    end = threading.Event()
    thread = threading.Thread(target=work, args=(end,))
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def flood(server: HinodeProcess, start: bytes, block: bytes, end: threading.Event) -> int:
    """Send without a pause, on a new connection whenever one is ended; return the bytes sent."""
    sent, blocks = 0, block * (64_000 // len(block))
    while sent < FLOOD_BYTES and not end.is_set():
        with suppress(OSError), connect(server.address, STRANGER) as connection:
            connection.sendall(start)
            while sent < FLOOD_BYTES and not end.is_set():
                sent += connection.send(blocks)
    return sent


def delays(client: httpx.Client, video: str) -> list[float]:
    """Return the seconds that each of some requests took; all of them succeed."""
    taken = []
    for _ in range(REQUESTS):
        started = time.monotonic()
        assert client.get(f"/videos/{video}").status_code == 200
        taken.append(time.monotonic() - started)
    return taken


def p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def check_delay(name: str, idle: list[float], attacked: list[float]) -> None:
    """Check the delay where the machine is this test's own."""
    bound = max(5 * p99(idle), 0.1)
    print(f"{name}: p99 {p99(attacked) * 1000:.1f} ms, idle {p99(idle) * 1000:.1f} ms")
    assert p99(attacked) < bound or not FULL


def memory_mb(server: HinodeProcess) -> float:
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_000
    raise ProcessLookupError(server.pid)


def new_video(client: httpx.Client) -> str:
    return str(client.post("/videos", json={"prompt": "a fox"}).json()["id"])


@pytest.mark.chaos
def test_floods_of_what_is_not_content_take_neither_time_nor_memory(
    server: HinodeProcess, client: httpx.Client
) -> None:
    video = new_video(client)
    before = memory_mb(server)
    for name, (start, block) in FLOODS.items():
        idle = delays(client, video)
        with besides(lambda end: print(flood(server, start, block, end), "bytes")):  # noqa: B023
            attacked = delays(client, video)
        check_delay(name, idle, attacked)
        assert memory_mb(server) - before < MAX_GROWTH_MB, name


@pytest.mark.chaos
def test_158_megabytes_of_headers_are_not_kept(server: HinodeProcess, client: httpx.Client) -> None:
    new_video(client)
    before = memory_mb(server)

    sent = flood(server, *FLOODS["fields"], threading.Event())

    assert sent >= FLOOD_BYTES
    assert memory_mb(server) - before < MAX_GROWTH_MB


@pytest.mark.chaos
def test_open_connections_delay_nobody(server: HinodeProcess, client: httpx.Client) -> None:
    video = new_video(client)
    idle, before = delays(client, video), memory_mb(server)
    begun = itertools.chain(
        itertools.repeat(b"", IDLE),
        itertools.repeat(LINE, SLOW),
        itertools.repeat(head("POST", "/v1/videos", "Content-Length: 9000") + b"{", SLOW),
    )
    with ExitStack() as stack:
        for sent in begun:
            connection = stack.enter_context(connect(server.address, STRANGER))
            connection.sendall(sent)

        check_delay("open connections", idle, delays(client, video))
        assert memory_mb(server) - before < MAX_GROWTH_MB


@pytest.mark.full
@pytest.mark.chaos
def test_the_slow_are_let_go_within_the_default_bounds(server: HinodeProcess) -> None:
    upload = head(
        "POST",
        "/v1/videos",
        f"Authorization: Bearer {server.key}",
        "Content-Type: application/json",
        "Content-Length: 9000",
    )
    with ExitStack() as stack:
        connections = []
        for begun in (b"", LINE, upload + b"{"):
            connections.append(stack.enter_context(connect(server.address, STRANGER)))
            connections[-1].settimeout(PATIENCE_SECONDS)
            connections[-1].sendall(begun)
        for connection in connections:
            while connection.recv(4_096):
                pass


@pytest.mark.full
@pytest.mark.chaos
def test_trickles_are_let_go_too(server: HinodeProcess) -> None:
    upload = head(
        "POST",
        "/v1/videos",
        f"Authorization: Bearer {server.key}",
        "Content-Type: application/json",
        "Content-Length: 90000",
    )
    with connect(server.address, STRANGER) as half, connect(server.address, STRANGER) as slow:
        half.sendall(LINE)
        slow.sendall(upload)
        deadline = time.monotonic() + PATIENCE_SECONDS
        for trickled in (half, slow):
            while not _ended(trickled):
                assert time.monotonic() < deadline
                time.sleep(0.5)


def _ended(connection: socket.socket) -> bool:
    """Send a byte more; return whether the other side has ended the connection."""
    try:
        connection.send(b"a")
        return connection.recv(4_096, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
