"""What clients send is decoded after everything else was checked, and only while they wait."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import KeyLimits
from hinode.kit.fair_slots import TooManyWaiting
from hinode.media.decoding.decoder import DecodingLane
from hinode.media.decoding.protocol import Reply, Request
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.accounts import account_with
from tests.support.films import write_film
from tests.support.pictures import png_bytes

PNG = png_bytes(640, 360)
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
FORM = {"prompt": "a fox"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    settings = load_settings(data=tmp_path_factory.mktemp("decoding"), workers=False)
    services = open_services(settings, engines=EngineRegistry([]))
    try:
        with live_server(services) as running:
            yield running
    finally:
        services.close()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was given to a lane."""
    given: list[str] = []
    run = DecodingLane.run

    async def counted(self: DecodingLane, account: Hashable, request: Request) -> Reply:
        given.append(request["path"])
        return await run(self, account, request)

    monkeypatch.setattr(DecodingLane, "run", counted)
    return given


def client(server: LiveServer, credits: int = 0, **limits: Any) -> httpx.Client:
    account = account_with(server.services, credits)
    key = server.services.core.keys.create(KeyCreate(account, "k", limits=KeyLimits(**limits)))
    headers = {"authorization": f"Bearer {key.secret}"}
    return patient.Client(base_url=server.url, headers=headers, timeout=30.0)


def chat(model: str) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": DATA_URL}}
    parts = [{"type": "text", "text": "a fox"}, image]
    return {"json": {"model": model, "messages": [{"role": "user", "content": parts}]}}


def file(name: str, content: bytes = PNG) -> dict[str, Any]:
    return {"files": {name: ("file", content)}}


CREATES: list[tuple[str, str, dict[str, Any]]] = [
    ("first frame", "/v1/videos", {"data": FORM, **file("input_reference")}),
    ("edited image", "/v1/images/edits", {"data": FORM, **file("image")}),
    ("varied image", "/v1/images/variations", file("image")),
    ("chat about an image", "/v1/chat/completions", chat("sora_image")),
    ("chat about a video", "/v1/chat/completions", chat("sora_video2")),
    (
        "task",
        "/v1/videos/generations",
        {
            "json": {
                "model": "sora-2",
                "input": {
                    "prompt": "a fox",
                    "duration": "4",
                    "aspect_ratio": "16:9",
                    "image_urls": [DATA_URL],
                },
            }
        },
    ),
    (
        "edited clip",
        "/v1/videos/edits",
        {"data": {**FORM, "model": "sora-2"}, **file("video", b"no clip at all")},
    ),
]


@pytest.mark.parametrize(
    ("path", "body"), [case[1:] for case in CREATES], ids=[case[0] for case in CREATES]
)
@pytest.mark.parametrize("key", [{}, {"spend_total": 1}], ids=["no credits", "spend limit"])
def test_nothing_is_decoded_for_those_who_cannot_pay(
    server: LiveServer, decoded: list[str], path: str, body: dict[str, Any], key: dict[str, Any]
) -> None:
    with client(server, 100_000 if key else 0, **key) as api:
        answer = api.post(path, **body)

    assert answer.status_code in (402, 429), answer.text
    assert answer.json()["error"]["code"].startswith(("insufficient", "spend_limit"))
    assert decoded == []


def upload(api: httpx.Client) -> str:
    answer = api.post("/backend/uploads", **file("file"))
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["id"]
    return name


@pytest.mark.parametrize("path", ["/backend/nf/create", "/backend/video_gen"])
def test_nothing_is_decoded_in_the_sora_dialect_either(
    server: LiveServer, decoded: list[str], path: str
) -> None:
    with client(server) as api:
        name = upload(api)
        decoded.clear()
        items = {
            "/backend/nf/create": [{"kind": "upload", "upload_id": name}],
            "/backend/video_gen": [{"upload_media_id": name}],
        }
        answer = api.post(path, json={"prompt": "a fox", "inpaint_items": items[path]})

    assert answer.status_code == 429, answer.text
    assert decoded == []


def test_a_repeated_request_is_not_decoded_again(server: LiveServer, decoded: list[str]) -> None:
    with client(server, 100_000) as api:
        headers = {"idempotency-key": "once"}
        ids = set()
        for _ in range(3):
            answer = api.post("/v1/videos", data=FORM, **file("input_reference"), headers=headers)
            assert answer.status_code == 200, answer.text
            ids.add(answer.json()["id"])

    assert len(ids) == len(decoded) == 1


@pytest.mark.parametrize(
    ("of_key", "status", "codes"),
    [
        (True, 429, ("rate_limit_exceeded", "rate_limit_exceeded", "too_many_requests")),
        (False, 503, ("overloaded", "upstream_error", "heavy_load")),
    ],
)
def test_a_full_lane_is_told_in_each_dialect(
    server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    of_key: bool,
    status: int,
    codes: tuple[str, str, str],
) -> None:
    async def full(*_: object) -> Reply:
        raise TooManyWaiting(of_key=of_key)

    with client(server, 100_000) as api:
        name = upload(api)
        monkeypatch.setattr(DecodingLane, "run", full)
        items = [{"kind": "upload", "upload_id": name}]
        answers = (
            api.post(CREATES[0][1], **CREATES[0][2]),
            api.post(CREATES[5][1], **CREATES[5][2]),
            api.post("/backend/nf/create", json={"prompt": "a", "inpaint_items": items}),
        )

    for answer, code in zip(answers, codes, strict=True):
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
        assert int(answer.headers["retry-after"]) > 0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_decoding_ends_when_its_client_has_gone(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, given_up = threading.Event(), threading.Event()

    async def endless(*_: object) -> Reply:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        raise AssertionError

    monkeypatch.setattr(DecodingLane, "run", endless)
    with client(server, 100_000) as api:
        key = api.headers["authorization"]
        body = json.dumps({"prompt": "a fox", "input_reference": DATA_URL}).encode()
        head = (
            f"POST /v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as gone:
            gone.sendall(head.encode() + body)
            assert began.wait(20)
        assert given_up.wait(20)
        assert api.get("/v1/videos").json()["data"] == []


def test_a_clip_that_only_looks_like_one_is_refused(server: LiveServer, tmp_path: Path) -> None:
    clip = write_film(tmp_path / "clip.mp4").read_bytes()

    with client(server) as api:
        data = {"purpose": "user_data"}
        kept = api.post("/v1/files", data=data, **file("file", clip))
        bad = api.post("/v1/files", data=data, **file("file", clip[:64]))
        files = api.get("/v1/files").json()["data"]

    assert kept.status_code == 200, kept.text
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "invalid_video")
    assert [one["id"] for one in files] == [kept.json()["id"]]
