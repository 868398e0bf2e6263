"""Pictures as phones and programs write them, on every route that takes one."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.profiles import SPACES

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


def url_of(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def turned() -> bytes:
    """A photo of a phone held upright: its pixels lie, and a tag turns them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("jpeg", exif=exif)


def tall() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (360, 640), (180, 120, 90)).save(buffer, "png")
    return buffer.getvalue()


def size_of(client: httpx.Client, route: str, data: bytes, **given: str) -> str:
    """Return the size that is rendered where no size is asked for."""
    frame, body = url_of(data), {"prompt": "a fox", **given}
    match route:
        case "form":
            answer = client.post("/v1/videos", data=body, files={"input_reference": data})
        case "json":
            reference = {"image_url": frame}
            answer = client.post("/v1/videos", json={**body, "input_reference": reference})
        case "new-api" | "azure":
            path = {"new-api": "/v1/video/generations"}.get(
                route, "/openai/v1/video/generations/jobs"
            )
            made = client.post(path, json={"model": "sora-2", **body, "image": frame}).json()
            answer = client.get(f"/v1/videos/{made.get('task_id') or made['id']}")
        case "chat image" | "chat video":
            model = {"chat image": "sora_image", "chat video": "sora_video2"}[route]
            parts = [{"type": "text", "text": "a fox"}]
            image = {"type": "image_url", "image_url": {"url": frame}}
            message = {"role": "user", "content": [*parts, image]}
            asked = {"model": given.get("model", model), "messages": [message]}
            return str(client.post("/v1/chat/completions", json=asked).json()["hinode"]["size"])
        case "variation":
            answer = client.post("/v1/images/variations", files={"image": data})
        case _:
            asked = {**body, **({"size": "auto"} if route == "edit auto" else {})}
            answer = client.post("/v1/images/edits", data=asked, files={"image": data})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["size"])


@pytest.mark.parametrize("route", ["form", "json", "new-api", "azure", "chat video"])
def test_a_video_takes_the_shape_of_its_first_frame(client: httpx.Client, route: str) -> None:
    assert size_of(client, route, PICTURES["heic"]) == "1280x720"
    assert size_of(client, route, turned()) == "720x1280"
    assert size_of(client, route, tall()) == "720x1280"


@pytest.mark.parametrize("route", ["edit", "edit auto", "variation", "chat image"])
def test_a_picture_takes_the_shape_of_the_picture_it_is_made_from(
    client: httpx.Client, route: str
) -> None:
    assert size_of(client, route, PICTURES["avif"]) == "1536x1024"
    assert size_of(client, route, turned()) == "1024x1536"
    assert size_of(client, route, tall()) == "1024x1536"


@pytest.mark.parametrize(
    ("route", "given", "size"),
    [
        ("form", {"size": "1280x720"}, "1280x720"),
        ("json", {"model": "sora-video-landscape"}, "1280x720"),
        ("chat video", {"model": "sora_video2-landscape"}, "1280x720"),
        ("chat image", {"model": "gpt-image-landscape"}, "1536x1024"),
        ("edit", {"model": "gpt-image-landscape"}, "1536x1024"),
        ("edit", {"size": "1024x1024"}, "1024x1024"),
    ],
)
def test_a_shape_that_is_asked_for_comes_first(
    client: httpx.Client, route: str, given: dict[str, str], size: str
) -> None:
    assert size_of(client, route, tall(), **given) == size


BARE = base64.b64encode(tall()).decode()
SPELLINGS: dict[str, Any] = {
    "data url": url_of(tall()),
    "bare": BARE,
    "bare, for urls": BARE.replace("+", "-").replace("/", "_").rstrip("="),
    "url": {"url": url_of(tall())},
    "image_url": {"image_url": url_of(tall())},
    "nested": {"image_url": {"url": url_of(tall())}},
    "b64_json": {"b64_json": BARE},
    "list": [{"image_url": {"url": url_of(tall())}}],
}
TASK = {"prompt": "a fox", "duration": "4", "aspect_ratio": "9:16"}
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "/v1/videos": lambda one: {"prompt": "a fox", "input_reference": one},
    "/v1/video/generations": lambda one: {"prompt": "a fox", "image": one},
    "/openai/v1/video/generations/jobs": lambda one: {"prompt": "a fox", "image": one},
    "/v1/images/edits": lambda one: {"prompt": "a fox", "images": one},
    "/sora/v1/images/edits": lambda one: {"prompt": "a fox", "image": one, "mask": one},
    "/v1/images/variations": lambda one: {"image": one},
    "/v1/videos/generations": lambda one: {
        "model": "sora-2", "input": {**TASK, "image_urls": one}
    },
    "/v1//videos/generations": lambda one: {
        "model": "sora-2", "input": {**TASK, "image": one}
    },
}  # fmt: skip


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_picture_in_json_is_spelled_as_clients_spell_it(
    client: httpx.Client, path: str, spelling: str
) -> None:
    answer = client.post(path, json=BODIES[path](SPELLINGS[spelling]))
    assert answer.status_code in {200, 201}, answer.text
    assert "ignored" not in answer.text
