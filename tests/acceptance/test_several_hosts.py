"""Two servers and two workers, each with a folder of its own; one database, store and secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support import patient
from tests.support.bucket import local_bucket
from tests.support.databases import postgres_server
from tests.support.hinode_process import HinodeProcess, WorkerProcess, hinode
from tests.support.persistent import PersistentClient, check_money, until, wait_for_all
from tests.support.receiver import Receiver, receiving
from tests.support.tasks import PATH, made, task_body

pytestmark = pytest.mark.full

JOBS, PATIENCE_SECONDS = 6, 300.0


@dataclass
class Place:
    """The hosts, which share nothing but what their environment names."""

    first: HinodeProcess
    second: HinodeProcess
    workers: tuple[WorkerProcess, ...]
    receiver: Receiver
    database_url: str
    environment: dict[str, str]

    def command(self, host: str, *words: str) -> str:
        """Run a command on a host, by its folder's name; return its output."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            folder = self.first.data.parent.parent / host / "data"
            done = hinode(*words, "--data", str(folder), fresh=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        bucket = stack.enter_context(local_bucket())
        receiver = stack.enter_context(receiving())
        environment = {
            **bucket.environment,
            "HINODE_DATABASE": stack.enter_context(postgres.fresh()),
            "HINODE_STORAGE": "s3://films/hinode",
            "HINODE_ALLOW_HOSTS": '["127.0.0.1"]',
            "HINODE_PRESIGNED_URLS": "false",
            "HINODE_WORKERS": "false",
        }
        first = _host(tmp_path, "api1", environment)
        stack.enter_context(_running(first))
        environment["HINODE_SECRET"] = (first.data / "secret.key").read_text()
        second = _host(tmp_path, "api2", environment)
        workers = tuple(
            WorkerProcess(_folder(tmp_path, name), environment, "--engines", "preview")
            for name in ("gpu1", "gpu2")
        )
        for one in (second, *workers):
            stack.enter_context(_running(one))
        yield Place(first, second, workers, receiver, environment["HINODE_DATABASE"], environment)


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name / "data"


def _host(root: Path, name: str, environment: dict[str, str]) -> HinodeProcess:
    return HinodeProcess(_folder(root, name), dict(environment))


@contextmanager
def _running(process: HinodeProcess) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.stop()


def test_links_tokens_callbacks_and_signatures_of_one_host_hold_on_the_others(
    place: Place, tmp_path: Path
) -> None:
    key = {"authorization": f"Bearer {place.first.key}"}
    with patient.Client(base_url=place.second.address, headers=key, timeout=30.0) as second:
        task = made(
            second.post(f"/v1{PATH}", json={**task_body(), "callback_url": place.receiver.url})
        )
        until(lambda: second.get(f"/v1/tasks/{task}").json()["status"] == "completed", 120)
        (link,) = second.get(f"/v1/tasks/{task}").json()["output"]["urls"]
        secret: dict[str, Any] = second.get("/v1/callback_secret").json()
    until(lambda: len(place.receiver.requests) == 1, 60)

    film = patient.get(link.replace(place.second.address, place.first.address))
    token = place.command("api1", "account", "token", "admin")
    me = patient.get(
        f"{place.second.address}/backend/me", headers={"authorization": f"Bearer {token}"}
    )
    path = tmp_path / "film.mp4"
    path.write_bytes(film.content)
    shown = place.command("api2", "inspect", str(path))

    assert film.status_code == 200
    assert me.status_code == 200, me.text
    (told,) = place.receiver.requests
    Webhook(secret["secret"]).verify(told.body.decode(), dict(told.headers))
    assert "Trusted" in shown.splitlines()[0]


def test_a_host_that_is_lost_takes_no_job_along(place: Place) -> None:
    clients = [
        PersistentClient(one.address, place.first.key, PATIENCE_SECONDS)
        for one in (place.first, place.second)
    ]
    created = [clients[number % 2].create(number) for number in range(JOBS)]
    until(lambda: bool(place.workers[0].children()), 120)

    place.workers[0].kill()
    videos = wait_for_all(clients[1])

    assert {video["id"] for video in videos} == set(created)
    assert [video["status"] for video in videos] == ["completed"] * JOBS
    for client in clients:
        for video in videos:
            assert client.ask("GET", f"/videos/{video['id']}/content").status_code == 200
        client.close()
    check_money(place.database_url, JOBS)
