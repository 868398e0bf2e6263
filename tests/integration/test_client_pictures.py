"""Pictures as phones and programs write them, on every route that takes one."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import DBOS, open_live
from tests.support.profiles import SPACES

pytestmark = DBOS
SIZE = (400, 300)


def picture(form: str, **given: Any) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", SIZE, (180, 120, 90))
    if form == "heic":
        pillow_heif.from_pillow(image).save(buffer)
    else:
        image.save(buffer, form, **given)
    return buffer.getvalue()


def with_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("workflow", "a node of a workflow, " * 100_000, zip=True)
    info.add_text("prompt", "another node, " * 150_000, zip=True)
    return info


def inks() -> bytes:
    buffer = io.BytesIO()
    Image.new("CMYK", SIZE, (10, 20, 30, 0)).save(buffer, "jpeg")
    return buffer.getvalue()


PICTURES = {
    "heic": picture("heic"),
    "avif": picture("avif"),
    "without its end": picture("jpeg")[:-2],
    "with text": picture("png", pnginfo=with_text()),
    "wide gamut": picture("jpeg", icc_profile=SPACES["Display P3"].profile),
    "inks": inks(),
}
ROUTES = [
    "files", "uploads", "file upload", "first frame", "new-api", "task", "chat", "edit",
    "variation", "json edit",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_live(tmp_path_factory.mktemp("pictures"), workers=True) as server:
        yield from _client(server)


def _client(server: LiveServer) -> Iterator[httpx.Client]:
    key = server.new_key("phones", DEFAULT_SCOPES | {Scope.SORA, Scope.TASKS})
    headers = {"authorization": f"Bearer {key}"}
    with patient.Client(base_url=server.url, headers=headers) as one:
        yield one


def send(client: httpx.Client, route: str, data: bytes) -> httpx.Response:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    match route:
        case "files":
            return client.post("/v1/files", data={"purpose": "vision"}, files={"file": data})
        case "uploads":
            return client.post("/backend/uploads", files={"file": data})
        case "file upload":
            path, form = "/backend/project_y/file/upload", {"use_case": "inpaint_safe"}
            return client.post(path, data=form, files={"file": data})
        case "first frame":
            form = {"prompt": "a fox"}
            return client.post("/v1/videos", data=form, files={"input_reference": data})
        case "new-api":
            return client.post("/v1/video/generations", json={"prompt": "a fox", "image": url})
        case "task":
            given = {"prompt": "a fox", "duration": "4", "aspect_ratio": "16:9"}
            task = {"model": "sora-2", "input": {**given, "image_urls": [url]}}
            return client.post("/v1/videos/generations", json=task)
        case "chat":
            parts = [
                {"type": "text", "text": "a fox"},
                {"type": "image_url", "image_url": {"url": url}},
            ]
            message = {"role": "user", "content": parts}
            chat = {"model": "sora_image", "messages": [message]}
            return client.post("/v1/chat/completions", json=chat)
        case "edit":
            form = {"prompt": "a fox"}
            return client.post("/v1/images/edits", data=form, files={"image": data})
        case "variation":
            return client.post("/v1/images/variations", files={"image": data})
    edit = {"prompt": "a fox", "images": [{"b64_json": base64.b64encode(data).decode()}]}
    return client.post("/v1/images/edits", json=edit)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_taken(client: httpx.Client, kind: str, route: str) -> None:
    answer = send(client, route, PICTURES[kind])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", ["heic", "avif", "wide gamut"])
def test_half_a_picture_is_not(client: httpx.Client, kind: str, route: str) -> None:
    answer = send(client, route, PICTURES[kind][: len(PICTURES[kind]) // 2])
    assert answer.status_code == 400
    assert "damaged or cut off" in answer.text


@pytest.mark.parametrize("kind", ["heic", "avif"])
def test_a_file_is_judged_by_its_content_and_kept_as_it_is(client: httpx.Client, kind: str) -> None:
    upload = {"file": ("IMG_0001.mp4", PICTURES[kind], "video/mp4")}
    file = client.post("/v1/files", data={"purpose": "vision"}, files=upload).json()
    content = client.get(f"/v1/files/{file['id']}/content")
    assert content.headers["content-type"] == f"image/{kind}"
    assert content.content == PICTURES[kind]
