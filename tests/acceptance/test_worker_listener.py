"""Two workers of different size serve one queue, and tell of themselves on their own ports."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, WorkerProcess, free_port, hinode, running
from tests.support.persistent import PersistentClient, until, wait_for_all

MODELS = '{"sora-2": {"sizes": ["160x96"]}}'
JOBS = 10
SLOTS = (1, 3)
PATIENCE_SECONDS = 180.0


@dataclass
class Worker:
    process: WorkerProcess
    address: str

    def get(self, path: str) -> httpx.Response:
        return patient.get(f"{self.address}{path}", timeout=30.0)

    def metric(self, name: str) -> int:
        found = re.search(rf'^{name}{{engine="preview"}} (\d+)', self.get("/metrics").text, re.M)
        assert found is not None
        return int(found[1])


@dataclass
class Place:
    server: HinodeProcess
    workers: tuple[Worker, Worker]


def _worker(data: Path, concurrency: int, environment: dict[str, str]) -> Worker:
    address = f"127.0.0.1:{free_port()}"
    own = {**environment, "HINODE_ENGINES__PREVIEW__CONCURRENCY": str(concurrency)}
    return Worker(WorkerProcess(data, own, "--listen", address), f"http://{address}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("hosts") / "data"
    environment = {"HINODE_WORKERS": "false", "HINODE_MODELS": MODELS}
    server = HinodeProcess(data, environment)
    small, large = (_worker(data, slots, environment) for slots in SLOTS)
    with running(server, small.process, large.process):
        yield Place(server, (small, large))


@pytest.mark.full
def test_each_worker_keeps_its_own_concurrency(place: Place) -> None:
    client = PersistentClient(place.server.address, place.server.key, PATIENCE_SECONDS, "160x96")
    for number in range(JOBS):
        client.create(number)

    most = [0, 0]

    def both_are_full() -> bool:
        now = [one.metric("hinode_worker_slots_occupied") for one in place.workers]
        most[:] = map(max, most, now)
        return most == [*SLOTS]

    until(both_are_full, 120)
    videos = wait_for_all(client)
    client.close()

    assert [one.metric("hinode_worker_slots") for one in place.workers] == [*SLOTS]
    assert [video["status"] for video in videos] == ["completed"] * JOBS


def test_probes_tell_of_the_worker(place: Place) -> None:
    worker = place.workers[0]

    assert worker.get("/healthz").json() == {"status": "ok"}
    ready = worker.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (
        200,
        {"database": "ok", "storage": "ok", "workers": "ok"},
    )
    assert worker.get("/v1/videos").status_code == 404, "nothing else is served there"


@pytest.mark.full
def test_a_worker_that_drains_is_not_ready_while_it_finishes_its_job(place: Place) -> None:
    worker = place.workers[0]
    client = PersistentClient(place.server.address, place.server.key, PATIENCE_SECONDS, "160x96")
    for _ in range(sum(SLOTS)):
        client.ask("POST", "/videos", json={"prompt": "a fox", "seconds": "12", "size": "160x96"})
    until(lambda: worker.metric("hinode_worker_slots_occupied") == SLOTS[0], 120)

    os.kill(worker.process.pid, signal.SIGTERM)
    until(lambda: worker.get("/readyz").status_code == 503, 30)
    assert worker.get("/healthz").status_code == 200, "an orchestrator must let it finish"

    assert worker.process.stop() == 0
    assert {video["status"] for video in wait_for_all(client)} == {"completed"}
    client.close()
    worker.process.start()


def test_a_taken_or_wrong_address_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        refused = hinode("worker", "--data", str(tmp_path), "--listen", taken)
    wrong = hinode("worker", "--data", str(tmp_path), "--listen", "9100")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: cannot listen on {taken}: ")
    assert wrong.returncode != 0
    assert "host:port" in wrong.stderr
    assert "Traceback" not in refused.stderr + wrong.stderr
