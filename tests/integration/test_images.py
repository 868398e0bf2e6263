"""The image routes over real HTTP: what is made, what is refused, and who may go away meanwhile."""

from __future__ import annotations

import base64
import io
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image

from hinode import Services
from hinode.api.openai.images.schemas import Images
from hinode.core.auth.types import DEFAULT_SCOPES, Caller, Scope
from hinode.core.catalog.params import GenerationParams
from hinode.core.jobs.requests import ImageRequest
from hinode.core.jobs.types import CANCELED, JobState
from hinode.media.types import ArtifactRole, MediaKind
from hinode.testing.scripted_engine import SIDE
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import UPLOAD_MB
from tests.support.pictures import claiming_png, input_image, png_bytes

PNG = png_bytes(64, 36)
BARE = base64.b64encode(PNG).decode()
DATA_URL = f"data:image/png;base64,{BARE}"
JSON = "application/json"


@pytest.fixture(scope="module")
def client(live: LiveServer) -> Iterator[httpx.Client]:
    """A client of the server that renders, with a bare key, under the gateway's base URL."""
    headers = {"authorization": live.new_key("painter")}
    with patient.Client(base_url=f"{live.url}/sora/v1", headers=headers, timeout=30.0) as opened:
        yield opened


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def picture_of(link: str) -> Image.Image:
    """Follow a link without any key."""
    answer = patient.get(link)
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def inputs_of(server: LiveServer, job_id: UUID) -> list[tuple[str, int, int, int]]:
    sql = f"SELECT role, output, width, height FROM assets WHERE job_id = '{job_id.hex}'"
    with server.services.db.read() as conn:
        rows = conn.exec_driver_sql(sql + " AND role IN ('upload', 'mask')").all()
    return sorted((role, output, width, height) for role, output, width, height in rows)


def newest(server: LiveServer) -> tuple[UUID, str]:
    """Id and state of the last job of all."""
    with server.services.db.read() as conn:
        row = conn.exec_driver_sql("SELECT id, state FROM jobs ORDER BY id DESC LIMIT 1").one()
    return UUID(str(row[0])), row[1]


# The examples of the gateway's document


def test_text_to_image_as_the_gateway_documents_it(client: httpx.Client) -> None:
    form = {"prompt": (None, "画小猫"), "model": (None, "sora_image")}

    answer = made(client.post("/images/generations", files=form))

    (picture,) = answer["data"]
    assert picture["revised_prompt"] == "画小猫"
    assert picture_of(picture["url"]).format == "PNG"


def test_image_to_image_as_the_gateway_documents_it(client: httpx.Client, live: LiveServer) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    form = {"prompt": "换一个风格", "model": "sora_image"}
    file = {"image[]": ("example.jpg", buffer.getvalue(), "image/jpeg")}

    answer = made(client.post("/images/edits", data=form, files=file))

    assert picture_of(answer["data"][0]["url"]).format == "PNG"
    assert inputs_of(live, newest(live)[0]) == [("upload", 0, 40, 30)]


# Generations


def test_an_answer_says_what_was_rendered(client: httpx.Client) -> None:
    body = {"prompt": "a fox", "n": "2", "size": "1920x1080", "response_format": "b64_json"}

    for answer in (
        client.post("/images/generations", json={**body, "n": 2}),
        client.post("/images/generations", data=body),
    ):
        found = made(answer)
        Images.model_validate(found)
        assert (found["size"], len(found["data"])) == ("1536x1024", 2)
        assert (found["output_format"], found["background"]) == ("png", "opaque")
        assert found["usage"]["input_tokens_details"] == {"text_tokens": 0, "image_tokens": 0}
        assert (found["model"], found["credits"]) == ("sora_image", 10)
        for one in found["data"]:
            assert list(one) == ["b64_json", "revised_prompt"]
            assert base64.b64decode(one["b64_json"])[1:4] == b"PNG"


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (None, "url"),
        ("sora_image", "url"),
        ("gpt-image-landscape", "url"),
        ("gpt-image-1", "b64_json"),
        ("gpt-image-1.5", "b64_json"),
        ("chatgpt-image-latest", "b64_json"),
        ("dall-e-3", "url"),
    ],
)
def test_each_model_hands_pictures_over_as_its_clients_expect(
    model: str | None, key: str, client: httpx.Client
) -> None:
    answer = made(client.post("/images/generations", json={"prompt": "a fox", "model": model}))

    assert list(answer["data"][0]) == [key, "revised_prompt"]


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_the_format_that_was_asked_for(name: str, client: httpx.Client) -> None:
    body = {"prompt": "a fox", "output_format": name, "background": "opaque"}

    answer = made(client.post("/images/generations", json=body))

    assert answer["output_format"] == name
    assert picture_of(answer["data"][0]["url"]).format == name.upper()


@pytest.mark.parametrize(
    ("fields", "param", "said"),
    [
        ({}, "prompt", "prompt"),
        ({"prompt": "  "}, "prompt", "empty"),
        ({"prompt": 5}, "prompt", "a string"),
        ({"prompt": "a" * 32_001}, "prompt", "32000"),
        ({"n": 0}, "n", "1 to 4"),
        ({"n": 5}, "n", "1 to 4"),
        ({"n": 10}, "n", "1 to 4"),
        ({"n": "x"}, "n", "whole number"),
        ({"n": [1]}, "n", "an integer"),
        ({"size": "huge"}, "size", "huge"),
        ({"size": "0x0"}, "size", "0x0"),
        ({"model": "sora-2"}, "model", "video"),
        ({"response_format": "gif"}, "response_format", "b64_json"),
        ({"response_format": "url", "stream": True}, "response_format", "stream"),
        ({"output_format": "svg"}, "output_format", "webp"),
        ({"output_compression": 101}, "output_compression", "100"),
        ({"output_compression": 50}, "output_compression", "PNG"),
        ({"background": "transparent"}, "background", "opaque"),
        ({"background": "blue"}, "background", "opaque"),
        ({"moderation": "none"}, "moderation", "auto"),
        ({"quality": "best"}, "quality", "high"),
        ({"stream": "maybe"}, "stream", "true or false"),
        ({"partial_images": 4, "stream": True}, "partial_images", "0 to 3"),
        ({"seed": -1}, "seed", "seed"),
        ({"style": "baroque"}, "style", "anime"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_rule(
    fields: dict[str, Any], param: str, said: str, api: httpx.Client, idle: LiveServer
) -> None:
    request = fields if fields in ({}, {"prompt": 5}) else {"prompt": "a fox", **fields}
    before = everything(idle)

    answer = api.post("/images/generations", json=request)

    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert said in error["message"]
    assert everything(idle) == before


@pytest.mark.parametrize("path", ["generations", "edits", "variations"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"no boundary", "multipart/form-data", 400),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b", 400),
        (b"prompt=a", "text/plain", 415),
        (b"prompt=" + b"a" * int(UPLOAD_MB * 1_000_000), "application/x-www-form-urlencoded", 413),
    ],
)
def test_bodies_that_cannot_be_read_are_refused(
    path: str, body: bytes, content_type: str, status: int, api: httpx.Client, idle: LiveServer
) -> None:
    before = everything(idle)

    answer = api.post(f"/images/{path}", content=body, headers={"content-type": content_type})

    assert answer.status_code == status
    assert list(answer.json()["error"]) == ["message", "type", "param", "code"]
    assert everything(idle) == before


def test_the_scope_is_asked_for_before_the_body(idle: LiveServer) -> None:
    headers = {"authorization": idle.new_key("writer", DEFAULT_SCOPES - {Scope.IMAGES})}

    for path in ("generations", "edits", "variations"):
        answer = patient.post(f"{idle.url}/v1/images/{path}", headers=headers, content=b"{")
        assert answer.status_code == 403
        assert "'images'" in answer.json()["error"]["message"]
        assert patient.post(f"{idle.url}/v1/images/{path}", content=b"{").status_code == 401


# Edits and variations


@pytest.mark.parametrize(
    "names",
    [["image"], ["image", "image"], ["image[]", "image[]", "image[]"], ["image[0]", "image[1]"]],
)
def test_pictures_come_under_many_names(
    names: list[str], client: httpx.Client, live: LiveServer
) -> None:
    files = [
        (name, (f"{place}.png", png_bytes(20 + place, 20))) for place, name in enumerate(names)
    ]

    made(client.post("/images/edits", data={"prompt": "at night"}, files=files))

    uploads = inputs_of(live, newest(live)[0])
    assert uploads == [("upload", place, 20 + place, 20) for place in range(len(names))]


def test_json_names_pictures_by_url_and_by_file(client: httpx.Client, live: LiveServer) -> None:
    uploaded = client.post(
        "/files", data={"purpose": "vision"}, files={"file": ("a.png", png_bytes(30, 30))}
    ).json()
    named = {"file_id": uploaded["id"]}
    body = {"prompt": "at night", "images": [named, {"image_url": DATA_URL}], "mask": named}

    made(client.post("/images/edits", json=body))

    inputs = inputs_of(live, newest(live)[0])
    assert inputs == [("mask", 0, 30, 30), ("upload", 0, 30, 30), ("upload", 1, 64, 36)]


@pytest.mark.parametrize(
    "image",
    [{"image_url": {"url": DATA_URL}}, {"url": DATA_URL}, {"b64_json": BARE}, BARE, [BARE]],
    ids=["nested", "url", "b64_json", "bare", "list"],
)
@pytest.mark.parametrize("field", ["image", "images"])
def test_pictures_are_taken_as_other_servers_take_them(
    client: httpx.Client, live: LiveServer, field: str, image: object
) -> None:
    for route, most in (("edits", 2), ("variations", 1)):
        images = image if isinstance(image, list) else [image] * most
        body = {"prompt": "at night", field: images, "size": "1024 * 1024", "seed": 7.0}
        made(client.post(f"/images/{route}", json=body))
        assert inputs_of(live, newest(live)[0]) == [
            ("upload", place, 64, 36) for place in range(len(images))
        ]


def test_a_variation_needs_no_prompt(client: httpx.Client) -> None:
    answer = made(client.post("/images/variations", data={"n": "2"}, files={"image": PNG}))

    assert [one["revised_prompt"] for one in answer["data"]] == ["a variation"] * 2


@pytest.mark.parametrize("form", ["png", "webp"])
def test_an_edit_changes_nothing_outside_of_its_mask(form: str, client: httpx.Client) -> None:
    noise = Image.frombytes("RGB", (SIDE, SIDE), random.Random(2).randbytes(SIDE * SIDE * 3))
    mask = Image.new("RGBA", noise.size, "black")
    mask.paste((0, 0, 0, 0), (0, 0, SIDE // 2, SIDE))
    sent = {}
    for name, image in (("image", noise), ("mask", mask)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        sent[name] = buffer.getvalue()

    body = {"prompt": "at night", "output_format": form}
    answer = made(client.post("/images/edits", data=body, files=sent))

    result = picture_of(answer["data"][0]["url"]).convert("RGB")
    outside, inside = (SIDE // 2, 0, SIDE, SIDE), (0, 0, SIDE // 2, SIDE)
    assert result.crop(outside).tobytes() == noise.crop(outside).tobytes()
    assert len(result.crop(inside).getcolors() or ()) == 1


def test_the_mask_is_kept_as_what_may_change(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    mask = Image.new("RGBA", (64, 36), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 32, 36))
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")

    job = services.core.jobs.create_image(
        caller,
        ImageRequest(
            "at night",
            GenerationParams(),
            references=(input_image(tmp_path, PNG),),
            mask=input_image(tmp_path, buffer.getvalue(), ArtifactRole.MASK),
        ),
    )

    order = services.core.execution.begin(job.id)
    assert order is not None
    assert order.job.kind is MediaKind.IMAGE
    (key,) = (one.key for one in order.inputs if one.role is ArtifactRole.MASK)
    with Image.open(io.BytesIO(services.store.get_bytes(key))) as kept:
        assert (kept.mode, kept.getpixel((5, 5)), kept.getpixel((60, 5))) == ("L", 255, 0)


@pytest.mark.parametrize(
    ("files", "code", "param"),
    [
        ([], "missing_required_parameter", "image"),
        ([("image", ("a.png", b"just text"))], "invalid_image", "image"),
        ([("image", ("a.png", b""))], "invalid_image", "image"),
        ([("image", ("a.png", PNG[:50]))], "invalid_image", "image"),
        ([("image", ("a.png", claiming_png(50_000, 50_000)))], "invalid_image", "image"),
        ([("image[]", ("a.png", PNG))] * 17, "unsupported_value", "image"),
        ([("image", ("a.png", PNG)), ("mask", ("m.png", b"text"))], "invalid_image", "mask"),
        ([("image", ("a.png", PNG)), ("mask", ("m.png", b""))], "invalid_image", "mask"),
        (
            [("image", ("a.png", PNG)), ("mask", ("m.png", png_bytes(36, 64)))],
            "invalid_image",
            "mask",
        ),
    ],
)
def test_a_bad_picture_is_refused_and_leaves_nothing(
    files: list[Any], code: str, param: str, api: httpx.Client, idle: LiveServer
) -> None:
    before = everything(idle)

    answer = api.post("/images/edits", data={"prompt": "at night"}, files=files or {"x": b""})

    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert everything(idle) == before


@pytest.mark.parametrize(
    ("image", "status"),
    [
        ({"image_url": "http://127.0.0.1:1/a.png"}, 400),
        ({"image_url": "http://169.254.169.254/latest/meta-data"}, 400),
        ({"image_url": "http://[::ffff:10.0.0.1]/a.png"}, 400),
        ({"image_url": "http://2130706433/a.png"}, 400),
        ({"image_url": "file:///etc/passwd"}, 400),
        ({"image_url": "data:image/png;base64,!!!"}, 400),
        ({"image_url": 5}, 400),
        ({"image_url": DATA_URL, "file_id": "file-1"}, 400),
        ({}, 400),
        (5, 400),
        ({"file_id": "file-1"}, 404),
    ],
)
def test_pictures_from_elsewhere_come_from_public_places_only(
    image: Any, status: int, api: httpx.Client, idle: LiveServer
) -> None:
    before = everything(idle)

    answer = api.post("/images/edits", json={"prompt": "at night", "images": [image]})

    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert everything(idle) == before


# Failing, streaming, going away


def test_a_failed_job_is_an_error_that_is_not_tried_again(client: httpx.Client) -> None:
    answer = client.post("/images/generations", json={"prompt": "[fail] a fox"})

    assert answer.status_code == 500
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"]["code"] == "scripted"


def events_of(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [one for one in answer.text.split("\n\n") if one and not one.startswith(":")]
    pairs = (one.split("\ndata: ") for one in blocks)
    return [(name.removeprefix("event: "), json.loads(data)) for name, data in pairs]


def test_a_stream_shows_partial_pictures_and_then_each_picture(client: httpx.Client) -> None:
    body = {"prompt": "a fox", "stream": True, "partial_images": 2, "n": 2}

    events = events_of(client.post("/images/generations", json=body))

    partial, completed = "image_generation.partial_image", "image_generation.completed"
    assert [name for name, _ in events] == [partial] * 4 + [completed] * 2
    assert [data.get("partial_image_index") for _, data in events] == [0, 1, 0, 1, None, None]
    for name, data in events:
        assert data["type"] == name
        assert base64.b64decode(data["b64_json"])[1:4] == b"PNG"
        assert (data["size"], data["background"]) == ("1024x1024", "opaque")


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_partial_pictures_have_the_format_of_the_picture(form: str, client: httpx.Client) -> None:
    body = {"prompt": "a fox", "stream": True, "partial_images": 1, "output_format": form}

    events = events_of(client.post("/images/generations", json=body))

    shown = [Image.open(io.BytesIO(base64.b64decode(data["b64_json"]))) for _, data in events]
    assert [one.format for one in shown] == [form.upper()] * 2
    assert [data["output_format"] for _, data in events] == [form] * 2


def test_a_stream_of_edits_has_their_names_and_ends_with_the_error(client: httpx.Client) -> None:
    def edit(prompt: str) -> list[tuple[str, dict[str, Any]]]:
        form = {"prompt": prompt, "stream": "true"}
        return events_of(client.post("/images/edits", data=form, files={"image": PNG}))

    assert [name for name, _ in edit("at night")] == ["image_edit.completed"]
    ((name, data),) = edit("[fail]")
    assert (name, data["error"]["code"]) == ("error", "scripted")


def test_a_silent_stream_is_kept_alive_and_its_job_outlives_it(
    client: httpx.Client, live: LiveServer
) -> None:
    body = {"prompt": "[stall] a fox", "stream": True}

    with client.stream("POST", "/images/generations", json=body) as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(3)] == [": keep-alive", "", ": keep-alive"]
    job_id, _ = newest(live)

    assert not state_of(live, job_id).ended
    assert live.services.core.execution.fail(job_id, CANCELED)


def test_a_client_that_goes_away_does_not_lose_its_job(idle: LiveServer) -> None:
    headers = {"authorization": idle.new_key("hasty"), "idempotency-key": "boat-1"}
    url, body = f"{idle.url}/v1/images/generations", {"prompt": "a boat"}

    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            patient.post(url, headers=headers, json=body, timeout=httpx.Timeout(20.0, read=0.5))

    job_id, state = newest(idle)
    assert state == JobState.QUEUED
    second = patient.post(url, headers=headers, json={"prompt": "another"})
    assert second.status_code == 409
    assert newest(idle)[0] == job_id


def test_the_same_key_gives_the_same_pictures_in_either_form(client: httpx.Client) -> None:
    headers = {"idempotency-key": "twice"}

    first = made(client.post("/images/generations", json={"prompt": "a fox"}, headers=headers))
    again = made(
        client.post(
            "/images/generations",
            json={"prompt": "a fox", "response_format": "b64_json"},
            headers=headers,
        )
    )

    linked = patient.get(first["data"][0]["url"]).content
    assert base64.b64decode(again["data"][0]["b64_json"]) == linked


def test_a_job_that_is_deleted_meanwhile_is_not_found(
    client: httpx.Client, live: LiveServer
) -> None:
    body = {"prompt": "[stall] a fox", "stream": True}
    with client.stream("POST", "/images/generations", json=body) as answer:
        job_id = wait_for_running(live)
        with live.services.db.read() as conn:
            sql = f"SELECT account_id FROM jobs WHERE id = '{job_id.hex}'"
            account_id = UUID(str(conn.exec_driver_sql(sql).scalar_one()))
        owner = Caller(account_id, job_id, DEFAULT_SCOPES)
        live.services.core.jobs.delete(owner, job_id)
        ((name, data),) = events_of_text(answer.read().decode())

    assert name == "error"
    assert "no such job" in data["error"]["message"]


def events_of_text(text: str) -> list[tuple[str, dict[str, Any]]]:
    return events_of(httpx.Response(200, text=text, headers={"content-type": "text/event-stream"}))


def wait_for_running(server: LiveServer) -> UUID:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        job_id, state = newest(server)
        if state == JobState.RUNNING:
            return job_id
        time.sleep(0.02)
    raise AssertionError("the job did not start")


def state_of(server: LiveServer, job_id: UUID) -> JobState:
    (detail,) = server.services.core.jobs.progress_of([job_id])
    return detail.job.state


def everything(server: LiveServer) -> tuple[object, ...]:
    """What a refused request must not add to: files, jobs and the ledger."""
    files = sorted(one.key for one in server.services.store.list(""))
    with server.services.db.read() as conn:
        jobs = conn.exec_driver_sql("SELECT count(*) FROM jobs").scalar()
        entries = conn.exec_driver_sql("SELECT count(*) FROM ledger").scalar()
    return files, jobs, entries
