"""Requests per minute, counted for several servers together."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakeredis import TcpFakeServer

from hinode import HinodeError, load_settings
from hinode.components import open_rate_limiter
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.kit.ids import new_id
from tests.support.clock import suite_clock

SERVERS = ("redis-server", "valkey-server")


@pytest.fixture(scope="module", params=["imitation", "real"])
def redis(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that speaks Redis's protocol: a real one too, where one is."""
    if request.param == "imitation":
        with imitation() as address:
            yield address
        return
    program = next(filter(None, map(shutil.which, SERVERS)), None)
    if program is None:
        pytest.skip(f"none of {', '.join(SERVERS)} is installed")
    with real(program) as address:
        yield address


@contextmanager
def imitation() -> Iterator[str]:
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def real(program: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nothing_kept = ["--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", *nothing_kept],
        stdout=subprocess.DEVNULL,
    )
    try:
        await_port(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def await_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.01)
        else:
            return


def limiter(folder: Path, url: str) -> RateLimiter:
    return open_rate_limiter(load_settings(data=folder, redis=url), suite_clock())


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_servers_with_one_url_count_together(tmp_path: Path, redis: str, scheme: str) -> None:
    first, second = (limiter(tmp_path, f"{scheme}://{redis}/0") for _ in range(2))
    key, other = new_id(), new_id()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda n: (first, second)[n % 2].admit(key, 5), range(12)))

    assert waits.count(None) == 5
    assert all(1 <= wait <= 60 for wait in waits if wait is not None)
    assert first.admit(other, 1) is None
    assert second.admit(other, 1) is not None


def test_without_an_answer_each_process_counts_for_itself(tmp_path: Path) -> None:
    alone = limiter(tmp_path, "redis://127.0.0.1:1/0")
    key = new_id()

    assert alone.admit(key, 1) is None
    assert alone.admit(key, 1) == 60


def test_an_address_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(HinodeError, match="setting redis"):
        limiter(tmp_path, "http://127.0.0.1:1")
