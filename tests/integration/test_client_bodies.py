"""Bodies as real programs send them: compressed, in other charsets, without types, oddly named.

Requests are raw bytes; the account has no credits, so that a create which was understood is told
that it cannot be paid.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support.accounts import account_with
from tests.support.compressed import CODINGS
from tests.support.films import write_film
from tests.support.pictures import png_bytes
from tests.support.wire import Answer, connect, head, read_answer

BOMBS = {name: compress(b'{"prompt": "' + bytes(5_000_000)) for name, compress in CODINGS.items()}
PNG = png_bytes(64, 36)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PROMPT = "一只狐狸"
CHAT = {"model": "sora_image", "messages": [{"role": "user", "content": PROMPT}]}
TASK = {"model": "sora-2", "input": {"prompt": PROMPT, "duration": "4", "aspect_ratio": "16:9"}}
CREATES: dict[str, object] = {
    "/v1/videos": {"prompt": PROMPT},
    "/v1/video/generations": {"prompt": PROMPT},
    "/openai/v1/video/generations/jobs": {"prompt": PROMPT, "model": "sora-2"},
    "/v1/images/generations": {"prompt": PROMPT},
    "/v1/chat/completions": CHAT,
    "/v1/videos/generations": TASK,
    "/backend/nf/create": {"kind": "video", "prompt": PROMPT, "model": "sy_8", "n_frames": 300},
}
EVERY_CREATE = pytest.mark.parametrize("path", CREATES)
UPLOADS = {
    "/v1/videos": ("input_reference", {"prompt": PROMPT}),
    "/v1/videos/edits": ("video", {"prompt": PROMPT}),
    "/v1/videos/extensions": ("video", {"prompt": PROMPT, "seconds": "4"}),
    "/v1/videos/characters": ("video", {"name": "Mossy"}),
    "/v1/images/edits": ("image", {"prompt": PROMPT}),
    "/v1/images/variations": ("image", {}),
    "/v1/files": ("file", {"purpose": "vision"}),
    "/backend/uploads": ("file", {}),
    "/backend/project_y/file/upload": ("file", {"use_case": "profile"}),
    "/backend/characters/upload": ("file", {"timestamps": "0,1"}),
}
NAMES = {
    "extended": b"; filename*=utf-8''" + quote("狐狸.png").encode(),
    "gbk": '; filename="狐狸.png"'.encode("gbk"),
    "latin": '; filename="café.png"'.encode("latin-1"),
    "long": b'; filename="' + b"f" * 400 + b'.png"',
    "folders": b'; filename="..\\..\\fox.png"',
    "type only": b"\r\nContent-Type: image/png",
}
UNPAID = {402, 429}


@pytest.fixture(scope="module")
def key(idle: LiveServer) -> str:
    account = account_with(idle.services, credits=0)
    new = KeyCreate(account, "k", DEFAULT_SCOPES | {Scope.SORA, Scope.TASKS})
    return idle.services.core.keys.create(new).secret


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = tmp_path_factory.mktemp("films") / "film.mp4"
    return write_film(path, seconds=4.0).read_bytes()


def send(
    server: LiveServer, key: str, path: str, body: bytes, content_type: str, *fields: str
) -> Answer:
    typed = (f"Content-Type: {content_type}",) if content_type else ()
    with connect(server.url) as line, line.makefile("rb") as stream:
        length = f"Content-Length: {len(body)}"
        line.sendall(head("POST", path, f"Authorization: Bearer {key}", *typed, length, *fields))
        line.sendall(body)
        return read_answer(stream)


def error_of(answer: Answer) -> dict[str, str]:
    error: dict[str, str] = json.loads(answer.body)["error"]
    return error


@EVERY_CREATE
@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_create_is_understood(
    idle: LiveServer, key: str, path: str, coding: str
) -> None:
    body = CODINGS[coding](json.dumps(CREATES[path]).encode())
    answer = send(idle, key, path, body, JSON, f"Content-Encoding: {coding}")
    assert answer.status in UNPAID, answer.body


@EVERY_CREATE
@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_that_expands_without_end_is_refused(
    idle: LiveServer, key: str, path: str, coding: str
) -> None:
    answer = send(idle, key, path, BOMBS[coding], JSON, f"Content-Encoding: {coding}")
    assert answer.status == 413
    assert re.search("larger than 1000000 bytes|100 times", error_of(answer)["message"])


@EVERY_CREATE
@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (("Content-Encoding: deflate",), "gzip, br, zstd"),
        (("Content-Encoding: gzip, br",), "one coding only"),
        (("Content-Encoding: gzip", "Content-Encoding: gzip"), "one coding only"),
    ],
)
def test_other_codings_are_refused_by_name(
    idle: LiveServer, key: str, path: str, fields: tuple[str, ...], wanted: str
) -> None:
    answer = send(idle, key, path, b"x", JSON, *fields)
    assert answer.status == 415
    assert answer.headers["accept-encoding"] == "gzip, br, zstd"
    assert wanted in error_of(answer)["message"]


@EVERY_CREATE
def test_nothing_is_decompressed_without_a_key(idle: LiveServer, path: str) -> None:
    answer = send(idle, "sk-wrong", path, b"not gzip", JSON, "Content-Encoding: gzip")
    assert answer.status == 401


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/signup", "/oauth/token"])
def test_routes_that_ask_for_no_key_take_no_compressed_body(idle: LiveServer, path: str) -> None:
    answer = send(idle, "", path, gzip.compress(b"{}"), JSON, "Content-Encoding: gzip")
    assert answer.status == 415
    assert "send it as it is" in error_of(answer)["message"]


@EVERY_CREATE
@pytest.mark.parametrize("charset", ["gbk", "GB2312", '"utf-8"', "utf-16", "big5"])
def test_a_declared_charset_is_honoured(
    idle: LiveServer, key: str, path: str, charset: str
) -> None:
    text = json.dumps(CREATES[path], ensure_ascii=False)
    if charset == "big5":
        text = text.replace(PROMPT, "一二三")
    body = text.encode(charset.strip('"'))
    answer = send(idle, key, path, body, f"{JSON}; charset={charset}")
    assert answer.status in UNPAID, answer.body


@EVERY_CREATE
def test_an_unknown_charset_is_refused_by_name(idle: LiveServer, key: str, path: str) -> None:
    answer = send(idle, key, path, b"{}", f"{JSON}; charset=klingon")
    assert answer.status in {400, 415}
    assert "klingon" in error_of(answer)["message"]


@EVERY_CREATE
@pytest.mark.parametrize("content_type", [FORM, "", "text/plain;charset=UTF-8", "text/json"])
def test_json_without_its_type_is_json(
    idle: LiveServer, key: str, path: str, content_type: str
) -> None:
    answer = send(idle, key, path, json.dumps(CREATES[path]).encode(), content_type)
    assert answer.status in UNPAID, answer.body


@EVERY_CREATE
def test_broken_json_without_its_type_is_told_as_json(
    idle: LiveServer, key: str, path: str
) -> None:
    answer = send(idle, key, path, b"{prompt: fox}", FORM)
    assert answer.status == 400
    assert "not valid JSON" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"prompt={quote(PROMPT.encode('gbk'))}&model=nobody", f"{FORM}; charset=gbk"),
        ("\r\n".join(
            ["--b", 'Content-Disposition: form-data; name="model"', "", "nobody",
             "--b", 'Content-Disposition: form-data; name="prompt"',
             "Content-Type: text/plain; charset=gbk", "", PROMPT, "--b--", ""]
        ), "multipart/form-data; boundary=b"),
    ],
    ids=["urlencoded", "multipart"],
)  # fmt: skip
def test_form_fields_have_charsets_too(
    idle: LiveServer, key: str, body: str, content_type: str
) -> None:
    answer = send(idle, key, "/v1/videos", body.encode("gbk"), content_type)
    assert (answer.status, error_of(answer)["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize("named", NAMES)
def test_an_upload_is_taken_whatever_its_name(
    idle: LiveServer, key: str, film: bytes, path: str, named: str
) -> None:
    field, fields = UPLOADS[path]
    content = film if field == "video" or "characters" in path else PNG
    parts = [(f'name="{name}"'.encode(), value.encode()) for name, value in fields.items()]
    parts.append((f'name="{field}"'.encode() + NAMES[named], content))
    body = b"".join(
        b"--b\r\nContent-Disposition: form-data; " + about + b"\r\n\r\n" + value + b"\r\n"
        for about, value in parts
    )
    answer = send(idle, key, path, body + b"--b--\r\n", "multipart/form-data; boundary=b")
    assert answer.status in {200, *UNPAID}, answer.body
    if path == "/v1/files" and named in ("extended", "gbk"):
        assert json.loads(answer.body)["filename"] == "狐狸.png"
