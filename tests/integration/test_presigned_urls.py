"""Links of the task API that lead to the bucket itself: signed by S3's rules, good for a day."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.storage import open_store
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.bucket import Bucket, local_bucket
from tests.support.receiver import receiving
from tests.support.tasks import PATH, made, task_body, wait_until_over

pytestmark = pytest.mark.our_choice

DAY = 24 * 3600


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with local_bucket() as one, pytest.MonkeyPatch.context() as patch:
        for name, value in one.environment.items():
            patch.setenv(name, value)
        yield one


@contextmanager
def serving(data: Path, **given: Any) -> Iterator[LiveServer]:
    engine = ScriptedEngine()
    settings = load_settings(
        data=data, storage="s3://films/hinode", engine=engine.name, shutdown_seconds=0, **given
    )
    services = open_services(settings, engines=EngineRegistry([engine]))
    try:
        with live_server(services) as live:
            yield live
    finally:
        services.close()


def finished(server: LiveServer, **given: Any) -> tuple[str, dict[str, Any]]:
    """Return the URL of a finished task, and the task."""
    headers = {"authorization": f"Bearer {server.new_key('tasker')}"}
    with patient.Client(base_url=f"{server.url}/v1", headers=headers, timeout=20.0) as client:
        task = wait_until_over(client, made(client.post(PATH, json={**task_body(), **given})))
    url: str = task["output"]["urls"][0]
    return url, task


def lifetime(url: str) -> int:
    return int(dict(parse_qsl(urlsplit(url).query))["X-Amz-Expires"])


def test_links_lead_to_the_bucket_and_work_without_a_key(bucket: Bucket, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        url, task = finished(server)

        whole = patient.get(url)
        part = patient.get(url, headers={"range": "bytes=4-7"})

    assert urlsplit(url).netloc == bucket.host
    assert urlsplit(url).path.startswith("/films/hinode/")
    assert task["id"].replace("-", "") in urlsplit(url).path.replace("-", "")
    assert lifetime(url) == DAY
    assert whole.status_code == 200, whole.text
    assert whole.headers["content-type"] == "video/mp4"
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert patient.get(url.replace("/films/hinode/", "/films/hinode/x")).status_code == 403


def test_a_link_that_expired_says_so(bucket: Bucket, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        url, _ = finished(server)

        bucket.ahead = timedelta(hours=23, minutes=59)
        assert patient.get(url).status_code == 200
        bucket.ahead = timedelta(hours=24, minutes=1)
        late = patient.get(url)

    assert (late.status_code, "AccessDenied" in late.text) == (403, True)


def test_links_end_with_their_files(bucket: Bucket, tmp_path: Path) -> None:
    with serving(tmp_path, retention_hours=1.0) as server:
        url, _ = finished(server)

    assert 3500 < lifetime(url) <= 3600


def test_callbacks_have_them_too(bucket: Bucket, tmp_path: Path) -> None:
    with receiving() as receiver, serving(tmp_path, allow_hosts=(receiver.place,)) as server:
        finished(server, callback_url=receiver.url)
        deadline = time.monotonic() + 30
        while not receiver.requests:
            assert time.monotonic() < deadline, "no callback"
            time.sleep(0.02)
        (url,) = json.loads(receiver.requests[0].body)["output"]["urls"]

        assert urlsplit(url).netloc == bucket.host
        assert patient.get(url).content[4:8] == b"ftyp"


def test_who_wants_none_gets_links_to_the_server(bucket: Bucket, tmp_path: Path) -> None:
    with serving(tmp_path, presigned_urls=False) as server:
        url, _ = finished(server)

        assert url.startswith(f"{server.url}/files/")
        assert patient.get(url).content[4:8] == b"ftyp"
    assert bucket.objects


@pytest.mark.parametrize("place", ["memory://", "folder"])
def test_other_stores_sign_none(place: str, tmp_path: Path) -> None:
    store = open_store(place if "://" in place else tmp_path / place)

    assert store.presigned_url("jobs/1/video.mp4", timedelta(hours=1)) is None
