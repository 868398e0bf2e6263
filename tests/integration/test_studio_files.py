"""Rendered files of the library: links to what went in and came out, and ZIP files."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.api.studio.archive import ArchiveLink
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.accounts import client_with
from tests.support.live import wait_until_ended
from tests.support.pictures import png_bytes


def rendered(api: httpx.Client, **given: Any) -> dict[str, Any]:
    """Return a rendered video as the library has it."""
    body = {"prompt": "../../etc/passwd: a fox & a 猫", "model": "sora-2", "seconds": "4", **given}
    made = api.post("/videos", json=body)
    assert made.status_code == 200, made.text
    ended = wait_until_ended(api, made.json()["id"])
    assert ended["status"] == "completed", ended
    found: dict[str, Any] = api.get(f"/jobs/{ended['id']}").json()
    return found


@pytest.fixture
def own(live: LiveServer) -> Iterator[httpx.Client]:
    with client_with(live, live.new_key("librarian")) as client:
        yield client


def test_a_job_has_links_to_what_went_in_and_came_out(own: httpx.Client) -> None:
    picture = base64.b64encode(png_bytes(1280, 720)).decode()
    job = rendered(
        own, size="1280x720", input_reference={"image_url": f"data:image/png;base64,{picture}"}
    )

    (given,), (made,) = job["inputs"], job["outputs"]
    assert (given["role"], given["width"], given["height"]) == ("upload", 1280, 720)
    for url in (given["url"], made["url"], made["thumbnail_url"]):
        assert patient.get(url).status_code == 200
    assert len(patient.get(made["url"]).content) == made["bytes"]


def test_several_videos_are_one_zip_without_paths_in_it(own: httpx.Client) -> None:
    one, two = rendered(own), rendered(own, n=2)
    own.patch(f"/jobs/{two['id']}", json={"title": "Two <b>takes</b>"})
    answer = own.post("/jobs/archive", json={"ids": [one["id"], two["video_id"]]})

    link = ArchiveLink.model_validate(answer.json())
    assert link.files == 3
    file = patient.get(link.url)
    assert file.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert sum(one.file_size for one in archive.infolist()) == link.bytes
    assert len(set(names)) == 3
    assert not [name for name in names if "/" in name or ".." in name or "<" in name]
    assert "猫" in names[0]
    assert "Two-b-takes-b" in names[1]

    assert patient.get(link.url.replace(".zip", "")).status_code == 403
    own.post("/jobs/delete", json={"ids": [one["id"]]})
    assert patient.get(link.url).status_code == 404
    assert patient.get(one["outputs"][0]["url"]).status_code == 404
    own.post("/jobs/restore", json={"ids": [one["id"]]})
    assert patient.get(one["outputs"][0]["url"]).status_code == 200
