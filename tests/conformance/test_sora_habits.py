"""The unfriendly habits of real clients of the Sora backend, byte by byte against a real server."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from dataclasses import dataclass
from typing import Any

import pytest

from hinode.testing.server import LiveServer
from tests.support.pictures import png_bytes

pytestmark = pytest.mark.from_captured_traffic

NAVIGATION = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
)
CREATE = {
    "kind": "video",
    "prompt": "a fox",
    "orientation": "landscape",
    "size": "small",
    "n_frames": 300,
    "model": "sy_8",
    "inpaint_items": [],
}


@dataclass(frozen=True)
class Raw:
    """An answer as it came over the wire."""

    protocol: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        match self.headers.get("content-encoding"):
            case None | "identity":
                return json.loads(self.body)
            case "gzip":
                return json.loads(gzip.decompress(self.body))
            case "deflate":
                return json.loads(zlib.decompress(self.body))
            case other:
                raise AssertionError(f"{other} was not asked for")


def exchange(
    server: LiveServer, method: str, path: str, *headers: str, body: bytes | None = None
) -> Raw:
    """Send exactly these bytes, without what a library would add, and read one answer."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    length = [] if body is None else [f"Content-Length: {len(body)}"]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", *headers, *length, "", ""]
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode() + (body or b""))
        with connection.makefile("rb") as stream:
            protocol, status, _ = stream.readline().decode().split(" ", 2)
            found: dict[str, str] = {}
            while (line := stream.readline().decode().rstrip("\r\n")) != "":
                name, _, value = line.partition(": ")
                found[name.lower()] = value
            return Raw(protocol, int(status), found, stream.read(int(found["content-length"])))


@pytest.fixture(scope="module")
def bearer(idle: LiveServer) -> str:
    return f"Authorization: Bearer {idle.new_key('habits')}"


READS = [
    "/me",
    "/billing/subscriptions",
    "/project_y/invite/mine",
    "/m/bootstrap",
    "/nf/check",
    "/nf/pending",
    "/nf/pending/v2",
    "/v2/recent_tasks?limit=20",
    "/project_y/profile/drafts?limit=15",
    "/project_y/profile/drafts/v2?limit=15",
]
HABITS = {
    "navigation": [f"Accept: {NAVIGATION}", "Upgrade-Insecure-Requests: 1"],
    "h2c": [
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQAAP__",
    ],
    "json-get": ["Content-Type: application/json"],
    "identity": ["Accept-Encoding: identity"],
    "brotli": ["Accept-Encoding: gzip, deflate, br, zstd"],
    "no-accept": [],
    "app": ["User-Agent: Sora/1.2026.007 (Android 15; 24122RKC7C)", "oai-package-name: x"],
    "elsewhere": [
        "Origin: https://sora.chatgpt.com",
        "Referer: https://sora.chatgpt.com/",
        "Cookie: oai-did=4d2a8a06-5f0e-4f8a-8f3f-0d5f4f0f1a11",
        "oai-device-id: 4d2a8a06-5f0e-4f8a-8f3f-0d5f4f0f1a11",
        "oai-language: en-US",
    ],
}


@pytest.mark.parametrize("habit", sorted(HABITS))
@pytest.mark.parametrize("path", READS)
def test_reads_take_any_habit(idle: LiveServer, bearer: str, path: str, habit: str) -> None:
    if path == "/project_y/invite/mine":
        exchange(idle, "GET", "/backend/m/bootstrap", bearer)

    answer = exchange(idle, "GET", f"/backend{path}", bearer, *HABITS[habit])

    assert (answer.protocol, answer.status) == ("HTTP/1.1", 200), answer.body
    assert answer.headers["content-type"].startswith("application/json")
    assert isinstance(answer.json, list if "/nf/pending" in path else dict)


@pytest.mark.parametrize("habit", sorted(HABITS))
def test_refusals_take_any_habit(idle: LiveServer, habit: str) -> None:
    answer = exchange(idle, "GET", "/backend/me", "Authorization: Bearer x", *HABITS[habit])

    assert answer.status == 401
    assert answer.json["error"]["code"] == "token_invalidated"


SENTINELS = {
    "none": [],
    "letters": ["OpenAI-Sentinel-Token: Ab3dEf9hIj2k"],
    "lower-case": ["openai-sentinel-token: x"],
    "empty": ["openai-sentinel-token: "],
    "json": ['openai-sentinel-token: {"p":"gAAAA","t":"","c":"x","id":"1","flow":"sora_create"}'],
}


@pytest.mark.parametrize("habit", sorted(HABITS))
@pytest.mark.parametrize("sentinel", sorted(SENTINELS))
def test_creates_take_any_habit(idle: LiveServer, sentinel: str, habit: str) -> None:
    # An account of its own each: a plan allows few at once.
    bearer = f"Authorization: Bearer {idle.new_key(f'maker-{sentinel}-{habit}')}"
    headers = [bearer, *SENTINELS[sentinel], *HABITS[habit]]
    if habit != "json-get":
        headers.append("Content-Type: application/json")

    answer = exchange(
        idle, "POST", "/backend/nf/create", *headers, body=json.dumps(CREATE).encode()
    )

    assert (answer.protocol, answer.status) == ("HTTP/1.1", 200), answer.body
    listed = exchange(idle, "GET", "/backend/nf/pending/v2", bearer).json
    assert [one["id"] for one in listed] == [answer.json["id"]]


BODILESS = [
    "/nf/create",
    "/nf/bulk_create",
    "/nf/create/storyboard",
    "/video_gen",
    "/uploads",
    "/editor/enhance_prompt",
    "/characters/upload",
    "/characters/from-generation",
    "/characters/finalize",
    "/project_y/file/upload",
    "/project_y/post",
    "/project_y/invite/accept",
    "/project_y/profile/username/check",
    "/project_y/profile/username/set",
    "/project_y/profile/drafts/gen_00000000000000000000000000/read",
    "/project_y/profile/drafts/gen_00000000000000000000000000/long_video_extension",
    "/project_y/cameos/by_id/ch_00000000000000000000000000000000/update_v2",
    "/project_y/characters/ch_00000000000000000000000000000000/update",
]
EMPTY: dict[str, tuple[list[str], bytes | None]] = {
    "nothing": ([], None),
    "zero": ([], b""),
    "json-nothing": (["Content-Type: application/json"], None),
    "empty-object": (["Content-Type: application/json"], b"{}"),
    "null": (["Content-Type: application/json"], b"null"),
    "list": (["Content-Type: application/json"], b"[]"),
    "broken": (["Content-Type: application/json"], b'{"prompt": '),
    "no-utf8": (["Content-Type: application/json"], b"\xff\xfe\x00"),
    "form": (["Content-Type: multipart/form-data; boundary=x"], b"--x--\r\n"),
    "no-boundary": (["Content-Type: multipart/form-data"], b"hello"),
    "strange-type": (["Content-Type: text/plain;;; charset"], b"hello"),
}


@pytest.mark.parametrize("path", BODILESS)
@pytest.mark.parametrize("body", sorted(EMPTY))
def test_posts_without_a_good_body_are_refused_and_nothing_breaks(
    idle: LiveServer, bearer: str, path: str, body: str
) -> None:
    headers, content = EMPTY[body]

    answer = exchange(idle, "POST", f"/backend{path}", bearer, *headers, body=content)

    assert answer.status in (400, 404), (answer.status, answer.body)
    error = answer.json["error"]
    assert isinstance(error["code"], str)
    assert error["message"]


def test_parts_of_a_form_come_in_any_order_without_types(idle: LiveServer, bearer: str) -> None:
    picture = png_bytes(64, 64)
    file = b'Content-Disposition: form-data; name="file"; filename="p.png"\r\n\r\n' + picture
    use = b'Content-Disposition: form-data; name="use_case"\r\n\r\nprofile'
    for parts in ([use, file], [file, use], [file]):
        body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"

        answer = exchange(
            idle, "POST", "/backend/project_y/file/upload", bearer,
            "Content-Type: multipart/form-data; boundary=x", body=body,
        )  # fmt: skip

        assert answer.status == 200, answer.body
        assert answer.json["asset_pointer"]
        assert answer.json["file_id"]


def test_unknown_members_and_nulls_are_no_trouble(idle: LiveServer) -> None:
    bearer = f"Authorization: Bearer {idle.new_key('nulls')}"
    absent = (
        "title", "remix_target_id", "reroll_target_id", "project_id", "project_config",
        "trim_config", "metadata", "use_image_as_first_frame", "cameo_ids", "cameo_replacements",
        "audio_caption", "audio_transcript", "video_caption", "i2v_reference_instruction",
        "remix_prompt_template", "storyboard_id", "operation", "style_id", "never_heard_of",
    )  # fmt: skip
    body = json.dumps({**dict.fromkeys(absent), **CREATE}).encode()

    answer = exchange(
        idle, "POST", "/backend/nf/create", bearer, "Content-Type: application/json", body=body
    )

    assert answer.status == 200, answer.body
