"""A host in trouble over HTTP: each dialect says when to come back, and nothing is made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from hinode.core.accounts.types import Plan
from hinode.core.jobs.types import JobState
from hinode.kit.ids import from_video_id
from hinode.readiness import PROBE_INTERVAL_SECONDS, WriteProbe
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.bucket import Bucket, local_bucket
from tests.support.live import open_live, wait_until_ended
from tests.support.openai import refused as refused_by_openai
from tests.support.sora_creation import ANY_NUMBER, CREATE
from tests.support.tasks import task_body

SQLITE_MOST_PAGES = 1_073_741_823


class LimitedDisk:
    """A SQLite database that may be kept from growing, as a full disk does."""

    def __init__(self, engine: sa.Engine) -> None:
        self.full = False
        sa.event.listen(engine, "checkout", self._limit)

    def _limit(self, connection: sqlite3.Connection, *_: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages if self.full else SQLITE_MOST_PAGES}")

    @contextmanager
    def without_room(self, engine: sa.Engine) -> Iterator[None]:
        """Fill what room there is, then let there be no more."""
        self.full = True
        try:
            yield
        finally:
            self.full = False
            engine.dispose()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    plans = {plan.value: ANY_NUMBER for plan in Plan}
    with open_live(tmp_path_factory.mktemp("full"), workers=False, plans=plans) as running:
        yield running


@pytest.fixture(scope="module")
def disk(server: LiveServer) -> LimitedDisk:
    return LimitedDisk(server.services.db.engine)


@pytest.fixture(scope="module")
def api(server: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.new_key('tester')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client:
        yield client


def _create_openai(api: httpx.Client) -> httpx.Response:
    return api.post("/v1/videos", json={"prompt": "x" * 9_000})


def _create_task(api: httpx.Client) -> httpx.Response:
    return api.post("/v1/videos/generations", json=task_body("x" * 4_000))


def _create_sora(api: httpx.Client) -> httpx.Response:
    return api.post("/backend/nf/create", json={**CREATE, "prompt": "x" * 1_500})


def _fill(create: Callable[[httpx.Client], httpx.Response], api: httpx.Client) -> httpx.Response:
    """Create until the free pages of the database are used up."""
    for _ in range(400):
        answer = create(api)
        if answer.status_code != 200:
            return answer
    raise AssertionError("the database never became full")


@pytest.mark.parametrize(
    ("create", "error"),
    [
        (_create_openai, {"code": "insufficient_storage", "type": "server_error", "param": None}),
        (_create_task, {"code": "insufficient_storage", "type": "api_error"}),
        (_create_sora, {"code": "insufficient_storage", "type": "server_error", "param": None}),
    ],
)
def test_a_full_disk_is_507_in_each_dialect(
    server: LiveServer,
    disk: LimitedDisk,
    api: httpx.Client,
    create: Callable[[httpx.Client], httpx.Response],
    error: dict[str, Any],
) -> None:
    with disk.without_room(server.services.db.engine), capture_logs() as logs:
        answer = _fill(create, api)
        repeated = [create(api) for _ in range(5)]
        reads = api.get("/v1/videos")

    for refusal in (answer, *repeated):
        assert refusal.status_code == 507, refusal.text
        assert 1 <= int(refusal.headers["retry-after"]) <= 120
        assert refusal.headers["x-should-retry"] == "true"
        found = refusal.json()["error"]
        assert found.pop("message")
        assert found == error
    assert reads.status_code == 200
    trouble = [line for line in logs if line["log_level"] in ("error", "warning")]
    assert len(trouble) <= 1, "one line for many failures"
    assert create(api).status_code == 200


def test_what_met_a_full_disk_left_nothing(
    server: LiveServer, disk: LimitedDisk, api: httpx.Client
) -> None:
    with disk.without_room(server.services.db.engine):
        refused_by_openai(_fill(_create_openai, api), 507, "insufficient_storage")
        before = _rows(server)
        refused_by_openai(_create_openai(api), 507, "insufficient_storage")
    assert _rows(server) == before


def _rows(server: LiveServer) -> tuple[int, int]:
    """Return the number of jobs and of entries in the ledger."""
    with server.services.db.read() as conn:
        jobs, entries = (
            conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("jobs", "ledger")
        )
    return jobs, entries


def test_a_truncated_file_is_503(live: LiveServer) -> None:
    headers = {"authorization": f"Bearer {live.new_key('viewer')}"}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=20.0) as api:
        video_id = api.post("/videos", data={"prompt": "a fox"}).json()["id"]
        assert wait_until_ended(api, video_id)["status"] == "completed"
        _truncate(live, video_id)

        answer = api.get(f"/videos/{video_id}/content")

    refused_by_openai(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-should-retry"] == "true"


def _truncate(live: LiveServer, video_id: str) -> None:
    job = from_video_id(video_id)
    assert job is not None
    objects = live.services.settings.data / "objects"
    files = [path for path in objects.rglob("*.mp4") if job.hex in str(path)]
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:-10])


def test_the_write_probe_writes_at_most_once_in_its_interval(server: LiveServer) -> None:
    uptime = Uptime()
    probe = WriteProbe(server.services, uptime)
    objects = server.services.settings.data / "objects"
    moved = objects.with_name("away")

    assert probe.reason() is None
    objects.rename(moved)
    objects.write_bytes(b"no folder")
    try:
        uptime.seconds = PROBE_INTERVAL_SECONDS - 1
        assert probe.reason() is None
        uptime.seconds = PROBE_INTERVAL_SECONDS
        assert probe.reason() == "storage"
    finally:
        objects.unlink()
        moved.rename(objects)
    assert probe.reason() == "storage"
    uptime.seconds *= 2
    assert probe.reason() is None


def test_readiness_tells_creates_from_reads(server: LiveServer) -> None:
    objects = server.services.settings.data / "objects"
    sealed = objects / "probe"
    sealed.write_bytes(b"no folder: probes cannot be written")
    try:
        ready, strict = (
            patient.get(f"{server.url}/readyz{query}") for query in ("", "?for=create")
        )
    finally:
        sealed.unlink()

    assert (ready.status_code, strict.status_code) == (200, 503)
    assert ready.json()["checks"] == {"database": "ok", "storage": "ok", "workers": "failed"}
    assert ready.json()["creates"] == strict.json()["creates"] == "refused(storage)"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with local_bucket() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def without_bucket(bucket: Bucket, tmp_path: Path) -> Iterator[LiveServer]:
    bucket.missing = True
    with open_live(tmp_path, workers=False, storage="s3://films/hinode") as running:
        yield running


def test_a_bucket_that_is_missing_is_told_and_nobody_waits_for_it(
    without_bucket: LiveServer,
) -> None:
    server = without_bucket
    ready = patient.get(f"{server.url}/readyz")
    assert (ready.status_code, ready.json()["checks"]["storage"]) == (503, "failed")
    headers = {"authorization": f"Bearer {server.new_key('tester')}"}
    with patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client:
        picture = ("a.png", b"no picture: it is not looked at", "image/png")
        for answer in (
            client.post("/v1/images/generations", json={"prompt": "a fox"}),
            client.post("/v1/videos", data={"prompt": "x"}, files={"input_reference": picture}),
            client.post("/v1/chat/completions", json={"model": "sora-2", "messages": CHAT}),
        ):
            refused_by_openai(answer, 503, "service_unavailable")
            assert int(answer.headers["retry-after"]) >= 1
        assert client.post("/v1/videos", json={"prompt": "it waits in the queue"}).is_success
    assert server.services.core.jobs.unfinished_jobs()[JobState.QUEUED] == 1


CHAT = [{"role": "user", "content": "a fox"}]


@dataclass
class Uptime:
    """Seconds since the start, as a test wants them."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds
