"""What workers log of a job, as operators read it with the job."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.api.admin.job_log import AdminJobLog
from hinode.core.jobs.job_log import JobLogLine
from hinode.core.jobs.tables import job_logs
from hinode.kit.captured_lines import MOST_LINES, CapturedLine
from hinode.kit.ids import from_video_id
from hinode.testing.scripted_engine import FAIL, STALL
from hinode.testing.server import LiveServer
from tests.support.accounts import client_with, operator_client
from tests.support.clock import suite_clock
from tests.support.live import wait_until_ended
from tests.support.patient import PATIENCE_SECONDS
from tests.support.tasks import refused


@pytest.fixture(scope="module")
def admin(live: LiveServer) -> Iterator[httpx.Client]:
    with operator_client(live) as client:
        yield client


@pytest.fixture(scope="module")
def ann(live: LiveServer) -> Iterator[httpx.Client]:
    with client_with(live, live.new_key("ann")) as client:
        yield client


def lines_of(admin: httpx.Client, video: str, last: str) -> list[dict[str, Any]]:
    """Return a job's lines when it has one with this text, which comes after the job's end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: dict[str, Any] = admin.get(f"/admin/jobs/{video}/log").json()
        AdminJobLog.model_validate(found)
        if last in [one["event"] for one in found["data"]]:
            return list(found["data"])
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def create(client: httpx.Client, prompt: str = "a heron of my own") -> str:
    found: str = client.post("/videos", json={"prompt": prompt, "model": "sora-2"}).json()["id"]
    return found


def test_a_completed_job_tells_its_worker_and_engine(
    admin: httpx.Client, ann: httpx.Client
) -> None:
    lines = lines_of(admin, create(ann), "render ended")

    (worker,) = admin.get("/admin/workers").json()["data"]
    assert {one["worker"] for one in lines} == {worker["id"]}
    assert [one["event"] for one in lines] == ["render begins", "render ended"]
    assert lines[0]["details"] == {"engine": "scripted", "resumed": False}
    assert "heron" not in str(lines)


def test_a_failed_job_tells_why(admin: httpx.Client, ann: httpx.Client) -> None:
    lines = lines_of(admin, create(ann, FAIL), "render failed")

    failed = next(one for one in lines if one["event"] == "render failed")
    assert failed["level"] == "warning"
    assert failed["details"]["code"] == "scripted"
    assert "told to fail" in failed["details"]["reason"]


def test_lines_come_while_a_job_renders_and_go_with_it(
    live: LiveServer, admin: httpx.Client, ann: httpx.Client
) -> None:
    video = create(ann, STALL)
    lines_of(admin, video, "render begins")
    assert ann.delete(f"/videos/{video}").status_code == 200

    refused(admin.get(f"/admin/jobs/{video}/log"), 404, "not_found", "invalid_request_error")
    with live.services.db.read() as conn:
        assert not [one for one in conn.execute(job_logs.select()) if "[stall]" in one.lines]


def test_the_newest_lines_of_several_workers_are_kept_in_order(
    live: LiveServer, admin: httpx.Client, ann: httpx.Client
) -> None:
    video = create(ann)
    wait_until_ended(ann, video)
    lines_of(admin, video, "render ended")
    job_id = from_video_id(video)
    assert job_id is not None
    for number in range(MOST_LINES):
        said = CapturedLine(suite_clock().now(), "info", f"line {number}", {"n": number})
        live.services.core.execution.append_log(job_id, [JobLogLine(f"w-{number % 2}", said)])

    lines = lines_of(admin, video, "line 0")
    assert [one["details"]["n"] for one in lines] == list(range(MOST_LINES))
    assert {one["worker"] for one in lines} == {"w-0", "w-1"}
