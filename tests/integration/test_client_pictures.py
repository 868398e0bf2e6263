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
TASK = {"prompt": "a fox", "duration": "4", "aspect_ratio": "9:16"}
ROUTES = [
    "files", "uploads", "file upload", "first frame", "new-api", "task", "chat image", "edit",
    "variation", "json edit",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(idle: LiveServer) -> Iterator[httpx.Client]:
    key = idle.new_key("phones", DEFAULT_SCOPES | {Scope.SORA, Scope.TASKS})
    headers = {"authorization": f"Bearer {key}"}
    with patient.Client(base_url=idle.url, headers=headers) as one:
        yield one


def ask(client: httpx.Client, path: str, **given: Any) -> httpx.Response:
    """Return an answer; of a stream, which nobody here would end, its beginning."""
    with client.stream("POST", path, **given) as answer:
        if not answer.headers["content-type"].startswith("text/event-stream"):
            answer.read()
        return answer


def url_of(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def send(client: httpx.Client, route: str, data: bytes, **given: Any) -> httpx.Response:
    """Send a picture to a route; its clients want pictures as a stream where there are any."""
    url, fields = url_of(data), {"prompt": "a fox", **given}
    streamed: dict[str, Any] = {"stream": "true", **fields}
    match route:
        case "files":
            return ask(client, "/v1/files", data={"purpose": "vision"}, files={"file": data})
        case "uploads":
            return ask(client, "/backend/uploads", files={"file": data})
        case "file upload":
            path, use = "/backend/project_y/file/upload", {"use_case": "inpaint_safe"}
            return ask(client, path, data=use, files={"file": data})
        case "first frame":
            return ask(client, "/v1/videos", data=fields, files={"input_reference": data})
        case "json":
            return ask(client, "/v1/videos", json={**fields, "input_reference": {"url": url}})
        case "new-api":
            return ask(client, "/v1/video/generations", json={**fields, "image": url})
        case "azure":
            path = "/openai/v1/video/generations/jobs"
            return ask(client, path, json={**fields, "image": url})
        case "task":
            task = {"model": "sora-2", "input": {**TASK, "image_urls": [url]}}
            return ask(client, "/v1/videos/generations", json=task)
        case "chat image" | "chat video":
            model = "sora_image" if route == "chat image" else "sora_video2"
            image = {"type": "image_url", "image_url": {"url": url}}
            message = {"role": "user", "content": [{"type": "text", "text": "a fox"}, image]}
            chat = {"model": model, "stream": True, "messages": [message], **given}
            return ask(client, "/v1/chat/completions", json=chat)
        case "edit":
            return ask(client, "/v1/images/edits", data=streamed, files={"image": data})
        case "variation":
            return ask(client, "/v1/images/variations", data=streamed, files={"image": data})
    images = [{"b64_json": base64.b64encode(data).decode()}]
    return ask(client, "/v1/images/edits", json={**streamed, "images": images})


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


def turned() -> bytes:
    """A photo of a phone held upright: its pixels lie, and a tag turns them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("jpeg", exif=exif)


def tall() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (360, 640), (180, 120, 90)).save(buffer, "png")
    return buffer.getvalue()


def size_of(server: LiveServer, client: httpx.Client, route: str, data: bytes, **given: str) -> str:
    """Return the size that a job is to have."""
    answer = send(client, route, data, **given)
    assert answer.status_code in {200, 201}, answer.text
    with server.services.db.read() as conn:
        sql = "SELECT width, height FROM jobs ORDER BY id DESC LIMIT 1"
        width, height = conn.exec_driver_sql(sql).one()
    return f"{width}x{height}"


@pytest.mark.parametrize("route", ["first frame", "json", "new-api", "azure", "chat video"])
def test_a_video_takes_the_shape_of_its_first_frame(
    idle: LiveServer, client: httpx.Client, route: str
) -> None:
    assert size_of(idle, client, route, PICTURES["heic"]) == "1280x720"
    assert size_of(idle, client, route, turned()) == "720x1280"
    assert size_of(idle, client, route, tall()) == "720x1280"


@pytest.mark.parametrize("route", ["edit", "json edit", "variation", "chat image"])
def test_a_picture_takes_the_shape_of_the_picture_it_is_made_from(
    idle: LiveServer, client: httpx.Client, route: str
) -> None:
    assert size_of(idle, client, route, PICTURES["avif"], size="auto") == "1536x1024"
    assert size_of(idle, client, route, turned()) == "1024x1536"
    assert size_of(idle, client, route, tall()) == "1024x1536"


@pytest.mark.parametrize(
    ("route", "given", "size"),
    [
        ("first frame", {"size": "1280x720"}, "1280x720"),
        ("json", {"model": "sora-video-landscape"}, "1280x720"),
        ("chat video", {"model": "sora_video2-landscape"}, "1280x720"),
        ("chat image", {"model": "gpt-image-landscape"}, "1536x1024"),
        ("edit", {"model": "gpt-image-landscape"}, "1536x1024"),
        ("edit", {"size": "1024x1024"}, "1024x1024"),
    ],
)
def test_a_shape_that_is_asked_for_comes_first(
    idle: LiveServer, client: httpx.Client, route: str, given: dict[str, str], size: str
) -> None:
    assert size_of(idle, client, route, tall(), **given) == size


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
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "/v1/videos": lambda one: {"prompt": "a fox", "input_reference": one},
    "/v1/video/generations": lambda one: {"prompt": "a fox", "image": one},
    "/openai/v1/video/generations/jobs": lambda one: {"prompt": "a fox", "image": one},
    "/v1/images/edits": lambda one: {"prompt": "a fox", "images": one, "stream": True},
    "/sora/v1/images/edits": lambda one: {
        "prompt": "a fox", "image": one, "mask": one, "stream": True
    },
    "/v1/images/variations": lambda one: {"image": one, "stream": True},
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
    answer = ask(client, path, json=BODIES[path](SPELLINGS[spelling]))
    assert answer.status_code in {200, 201}, answer.text
    assert "x-hinode-ignored" not in answer.headers
