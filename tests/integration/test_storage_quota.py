"""An account keeps so many bytes of files and inputs, and no more; what goes makes room."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.catalog.params import GenerationParams
from hinode.core.files.types import File, NewFile
from hinode.core.jobs.requests import FIRST_FRAME, VideoRequest
from hinode.kit.spool import Spooled
from hinode.testing.clock import FakeClock
from hinode.testing.server import LiveServer, live_server
from hinode.workflows.queues import create_tables
from tests.integration.test_files import stranger_of
from tests.support import patient
from tests.support.live import UPLOAD_MB
from tests.support.pictures import input_image, png_bytes

PNG = png_bytes(64, 36)
ROOM = 3 * len(PNG)
QUOTA_MB = ROOM / 1_000_000


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    settings = load_settings(data=tmp_path, database=database_url, account_storage_mb=QUOTA_MB)
    opened = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(opened.db)
    yield opened
    opened.close()


def keep(services: Services, caller: Caller, lifetime: int | None = None) -> File:
    new = NewFile(Spooled.of(PNG), "a.png", "vision", lifetime)
    return services.core.files.create(caller, new)


def refused(services: Services, caller: Caller) -> None:
    with pytest.raises(HinodeError) as error:
        keep(services, caller)
    assert error.value.code is ErrorCode.STORAGE_QUOTA


def test_files_count_until_they_are_gone(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    kept = [keep(services, caller), keep(services, caller), keep(services, caller, 3_600)]
    stored = {one.key for one in services.store.list("")}

    refused(services, caller)
    assert {one.key for one in services.store.list("")} == stored
    keep(services, stranger_of(services))

    services.core.files.delete(caller, kept[0].id)
    keep(services, caller)
    refused(services, caller)

    clock.advance(timedelta(hours=1))
    assert services.core.job_cleanup.sweep().expired_files == 1
    keep(services, caller)
    refused(services, caller)


def test_inputs_of_jobs_count_with_the_files(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    image = input_image(tmp_path, PNG)
    assert len(PNG) <= image.path.stat().st_size <= ROOM
    request = VideoRequest("a fox", GenerationParams(), image)
    job = services.core.jobs.create_video(caller, request)
    left = ROOM - image.path.stat().st_size
    for _ in range(left // len(PNG)):
        keep(services, caller)

    refused(services, caller)
    with pytest.raises(HinodeError) as error:
        services.core.jobs.create_video(caller, request)
    assert error.value.code is ErrorCode.STORAGE_QUOTA
    assert services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams()))

    services.core.jobs.delete(caller, job.id)
    assert services.core.jobs.create_video(caller, request)


def test_a_full_account_is_refused_before_its_image_is_decoded(
    services: Services, caller: Caller
) -> None:
    request = VideoRequest("a fox", GenerationParams())
    for _ in range(3):
        assert services.core.jobs.check_video(caller, request, FIRST_FRAME) is None
        keep(services, caller)

    with pytest.raises(HinodeError) as error:
        services.core.jobs.check_video(caller, request, FIRST_FRAME)
    assert error.value.code is ErrorCode.STORAGE_QUOTA


def test_uploads_at_the_same_moment_cannot_pass_the_quota_together(
    services: Services, caller: Caller
) -> None:
    begin, refusals = threading.Barrier(8), []

    def upload() -> None:
        begin.wait()
        try:
            keep(services, caller)
        except HinodeError as error:
            refusals.append(error.code)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refusals == [ErrorCode.STORAGE_QUOTA] * 5
    page = services.core.files.page(caller, purpose=None, limit=9, after=None, ascending=True)
    assert len(page.items) == len(list(services.store.list(""))) == 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("quota")
    settings = load_settings(
        data=folder, workers=False, max_body_mb=UPLOAD_MB, account_storage_mb=QUOTA_MB
    )
    opened = open_services(settings, engines=EngineRegistry([]))
    try:
        with live_server(opened) as running:
            yield running
    finally:
        opened.close()


def told(answer: httpx.Response) -> None:
    assert answer.status_code == 403, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == "storage_quota_exceeded"
    assert "Delete files" in error["message"]


def test_each_dialect_tells_it(server: LiveServer) -> None:
    headers = {"authorization": f"Bearer {server.new_key('keeper')}"}
    part = {"file": ("a.png", PNG)}
    task = {
        "model": "sora-2",
        "input": {
            "prompt": "a fox",
            "duration": "4",
            "aspect_ratio": "16:9",
            "image_urls": [data_url(png_bytes(300, 300))],
        },
    }
    with patient.Client(base_url=server.url, headers=headers) as api:
        for _ in range(3):
            answer = api.post("/v1/files", data={"purpose": "vision"}, files=part)
            assert answer.status_code == 200, answer.text

        told(api.post("/v1/files", data={"purpose": "vision"}, files=part))
        told(api.post("/v1/videos", data={"prompt": "a"}, files={"input_reference": part["file"]}))
        told(api.post("/v1/videos/generations", json=task))
        told(api.post("/backend/uploads", files=part))

        assert api.post("/v1/videos", json={"prompt": "a fox"}).status_code == 200


def data_url(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
