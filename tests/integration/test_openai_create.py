"""Making videos over HTTP: what is accepted, what is refused, and that a refusal leaves nothing."""

from __future__ import annotations

import http.client
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hinode.testing.server import LiveServer
from tests.support.live import UPLOAD_MB
from tests.support.openai import DATA_URL, JSON, MULTIPART, PNG, form, made, part, post, refused
from tests.support.pictures import png_bytes

BASE64 = DATA_URL.partition(",")[2]
URL_SAFE = BASE64.translate(str.maketrans("+/", "-_")).rstrip("=")
IN_LINES = "\n".join(BASE64[at : at + 60] for at in range(0, len(BASE64), 60))

# Creating: content types and values


def test_the_three_content_types_make_the_same_job(api: httpx.Client) -> None:
    body = {"prompt": "狐狸 in snow", "model": "sora-2-pro", "seconds": "8", "size": "1792x1024"}
    answers = [
        api.post("/videos", json={**body, "seed": 5, "n": 2, "watermark": True}),
        api.post("/videos", data={**body, "seed": "5", "n": "2", "watermark": "true"}),
        post(
            api,
            form(
                *(part(name, value) for name, value in body.items()),
                part("seed", "5"),
                part("n", "2"),
                part("watermark", "1"),
            ),
            MULTIPART,
        ),
    ]

    videos = [made(answer) for answer in answers]

    for video in videos:
        for name, value in body.items():
            assert video[name] == value
        assert (video["seed"], video["outputs"], video["num_frames"]) == (5, 2, 240)
        assert (video["progress"], video["error"], video["completed_at"]) == (0, None, None)
    assert len({video["id"] for video in videos}) == 3


def test_defaults_are_those_of_the_contract(api: httpx.Client) -> None:
    answer = api.post("/videos", data={"prompt": "a fox"})
    video = made(answer)

    assert (video["model"], video["seconds"], video["size"]) == ("sora-2", "4", "720x1280")
    assert answer.headers["openai-poll-after-ms"].isdecimal()
    assert answer.headers["openai-processing-ms"].isdecimal()


@pytest.mark.parametrize("seconds", [8, "8", "8s", "8.0"])
def test_seconds_are_read_as_clients_write_them(api: httpx.Client, seconds: object) -> None:
    assert made(api.post("/videos", json={"prompt": "x", "seconds": seconds}))["seconds"] == "8"


def test_fields_that_nobody_knows_are_let_pass(api: httpx.Client) -> None:
    made(api.post("/videos", json={"prompt": "x", "cfg": 7, "extra": {"a": [1]}}))
    made(api.post("/videos", data={"prompt": "x", "adapter[path]": "y", "turbo": "20"}))


def test_nulls_and_empty_texts_mean_not_given(api: httpx.Client) -> None:
    nothing = {"model": None, "seconds": "", "size": None, "seed": None, "input_reference": None}

    assert made(api.post("/videos", json={"prompt": "x", **nothing}))["seconds"] == "4"


def test_the_longest_prompt_fits(api: httpx.Client) -> None:
    assert len(made(api.post("/videos", json={"prompt": "x" * 32_000}))["prompt"]) == 32_000


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": ""}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": "   "}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": None}, 400, "missing_required_parameter", "prompt"),
        ({"prompt": "x" * 32_001}, 400, "invalid_value", "prompt"),
        ({"prompt": "a\x00b"}, 400, "invalid_value", "prompt"),
        ({"prompt": 5}, 400, "invalid_type", "prompt"),
        ({"prompt": True}, 400, "invalid_type", "prompt"),
        ({"prompt": ["a", "b"]}, 400, "invalid_type", "prompt"),
        ({"prompt": {"text": "a"}}, 400, "invalid_type", "prompt"),
        ({"prompt": "x", "model": "sora-9"}, 404, "model_not_found", "model"),
        ({"prompt": "x", "model": "m" * 100_000}, 404, "model_not_found", "model"),
        ({"prompt": "x", "model": 2}, 400, "invalid_type", "model"),
        ({"prompt": "x", "size": "640x480"}, 400, "unsupported_value", "size"),
        ({"prompt": "x", "size": "big"}, 400, "unsupported_value", "size"),
        ({"prompt": "x", "size": 720}, 400, "invalid_type", "size"),
        ({"prompt": "x", "seconds": "5"}, 400, "unsupported_value", "seconds"),
        ({"prompt": "x", "seconds": -4}, 400, "unsupported_value", "seconds"),
        ({"prompt": "x", "seconds": True}, 400, "invalid_type", "seconds"),
        ({"prompt": "x", "n": 0}, 400, "unsupported_value", "n"),
        ({"prompt": "x", "n": 5}, 400, "unsupported_value", "n"),
        ({"prompt": "x", "n": 10**40}, 400, "invalid_value", "n"),
        ({"prompt": "x", "n": "two"}, 400, "invalid_value", "n"),
        ({"prompt": "x", "seed": -1}, 400, "invalid_value", "seed"),
        ({"prompt": "x", "seed": 2**32}, 400, "invalid_value", "seed"),
        ({"prompt": "x", "watermark": "maybe"}, 400, "invalid_value", "watermark"),
        ({"prompt": "x", "watermark": 3}, 400, "invalid_type", "watermark"),
    ],
)  # fmt: skip
def test_bad_values_are_refused_by_name(
    api: httpx.Client, fields: dict[str, object], status: int, code: str, param: str
) -> None:
    message = refused(api.post("/videos", json=fields), status, code, param)

    assert len(message) < 1_000


def test_what_is_offered_is_listed(api: httpx.Client) -> None:
    bad_size = api.post("/videos", json={"prompt": "x", "size": "1x1"}).json()["error"]
    bad_length = api.post("/videos", json={"prompt": "x", "seconds": "5"}).json()["error"]
    bad_model = api.post("/videos", json={"prompt": "x", "model": "y"}).json()["error"]

    assert "'720x1280', '1280x720'" in bad_size["message"]
    assert "'4', '8'" in bad_length["message"]
    assert "sora-2, " in bad_model["message"]


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", JSON, 400, "invalid_body"),
        (b"", JSON, 400, "invalid_body"),
        (b'["prompt"]', JSON, 400, "invalid_body"),
        (b'{"prompt": NaN}', JSON, 400, "invalid_body"),
        (b'{"prompt": "\xff"}', JSON, 400, "invalid_body"),
        (b"[" * 100_000, JSON, 400, "invalid_body"),
        (b'{"prompt":"x","seed":' + b"9" * 9_000 + b"}", JSON, 400, "invalid_body"),
        (b'{"prompt":"x","a":[' + b"[]," * 99_999 + b"[]]}", JSON, 400, "too_many_fields"),
        (b"prompt=x", "text/plain", 415, "unsupported_content_type"),
        (b"", "", 415, "unsupported_content_type"),
        (b"prompt=%FF", "application/x-www-form-urlencoded", 400, "invalid_body"),
        (b"prompt=\xff", "application/x-www-form-urlencoded", 400, "invalid_body"),
        (form(part("prompt", "x")), "multipart/form-data", 400, "invalid_body"),
        (form(part("prompt", "x")), f"{MULTIPART}{'x' * 500}", 400, "invalid_body"),
        (b"", MULTIPART, 400, "invalid_body"),
        (b"no boundary at all", MULTIPART, 400, "invalid_body"),
        (part("prompt", "x"), MULTIPART, 400, "invalid_body"),
        (form(part("prompt", "x"))[:-20], MULTIPART, 400, "invalid_body"),
        (form(part("prompt", b"\xff\xfe")), MULTIPART, 400, "invalid_body"),
        (form(part("prompt", "x"), part("prompt[a]", "y")), MULTIPART, 400, "invalid_body"),
        (form(part("prompt", "x"), part("prompt", "y")), MULTIPART, 400, "invalid_type"),
        (form(part("prompt", "x", "p.txt")), MULTIPART, 400, "invalid_type"),
        (form(part("p" * 9_000, "x")), MULTIPART, 400, "invalid_body"),
        (
            form(part("x", "nameless").replace(b"Content-Disposition", b"X")),
            MULTIPART, 400, "invalid_body",
        ),
    ],
    ids=range(24),
)  # fmt: skip
def test_broken_bodies_are_refused(
    api: httpx.Client, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = post(api, body, content_type)

    refused(answer, status, code, answer.json()["error"]["param"])


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize("content_type", [JSON, MULTIPART, "application/x-www-form-urlencoded"])
def test_ten_thousand_fields_are_too_many(api: httpx.Client, content_type: str) -> None:
    fields = {"prompt": "x", **{f"f{number}": "1" for number in range(10_000)}}
    body = {
        JSON: json.dumps(fields).encode(),
        MULTIPART: form(*(part(name, value) for name, value in fields.items())),
    }.get(content_type, "&".join(f"{name}={value}" for name, value in fields.items()).encode())

    refused(post(api, body, content_type), 400, "too_many_fields")


@pytest.mark.usefixtures("nothing_made")
def test_half_of_a_surrogate_pair_is_no_text(api: httpx.Client) -> None:
    refused(post(api, b'{"prompt": "\\ud800"}', JSON), 400, "invalid_value", "prompt")
    refused(
        post(api, b'{"prompt": "x", "model": "\\ud800"}', JSON), 404, "model_not_found", "model"
    )


# Uploads over the limit


@pytest.mark.usefixtures("nothing_made")
def test_a_body_that_says_it_is_too_large_is_not_read(idle: LiveServer, api: httpx.Client) -> None:
    connection = http.client.HTTPConnection(idle.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/v1/videos")
    connection.putheader("authorization", api.headers["authorization"])
    connection.putheader("content-type", MULTIPART)
    connection.putheader("content-length", str(int(UPLOAD_MB * 1_000_000) + 1))
    connection.endheaders(part("prompt", "only the beginning"))

    answer = connection.getresponse()

    assert answer.status == 413
    assert json.loads(answer.read())["error"]["code"] == "request_too_large"
    connection.close()


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize("content_type", [JSON, MULTIPART])
def test_a_body_without_a_length_is_cut_off_at_the_limit(
    api: httpx.Client, content_type: str
) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield part("input_reference", "", "x.png")[:-2] if content_type == MULTIPART else b'{"a":"'
        while sent < 500:
            sent += 1
            yield b"x" * 100_000

    try:
        answer = api.post("/videos", content=endless(), headers={"content-type": content_type})
    except httpx.WriteError:
        pytest.fail("the answer was lost")

    refused(answer, 413, "request_too_large")


@pytest.mark.parametrize("size", ["1280*720", "1280 x 720", "1280X720", " 1280 × 720 "])
def test_sizes_are_spelled_as_clients_spell_them(api: httpx.Client, size: str) -> None:
    assert made(api.post("/videos", json={"prompt": "x", "size": size}))["size"] == "1280x720"
    assert made(api.post("/videos", data={"prompt": "x", "size": size}))["size"] == "1280x720"


def test_whole_floats_are_whole_numbers(api: httpx.Client) -> None:
    """Some languages' JSON has one type of number."""
    fields = {"prompt": "x", "seed": 7.0, "n": 1.0, "seconds": 4.0}
    sent = json.dumps(fields)
    assert '"seed": 7.0' in sent
    for video in (
        made(post(api, sent.encode(), JSON)),
        made(api.post("/videos", data={name: str(value) for name, value in fields.items()})),
    ):
        assert (video["seed"], video["outputs"], video["seconds"]) == (7, 1, "4")
    half = api.post("/videos", json={"prompt": "x", "seed": 7.5})
    refused(half, 400, "invalid_type", "seed")


# Pictures


def reference_forms() -> dict[str, dict[str, Any]]:
    file = ("upload", PNG, "application/octet-stream")
    text = {"prompt": (None, "x")}
    return {
        "file": {"files": {**text, "input_reference": file}},
        "list of one file": {"files": {**text, "input_reference[]": file}},
        "numbered file": {"files": {**text, "input_reference[0]": file}},
        "image_url part": {"files": {**text, "input_reference[image_url]": (None, DATA_URL)}},
        "data URL as text": {"data": {"prompt": "x", "input_reference": DATA_URL}},
        "object": {"json": {"prompt": "x", "input_reference": {"image_url": DATA_URL}}},
        "bare data URL": {"json": {"prompt": "x", "input_reference": DATA_URL}},
        "list of one": {"json": {"prompt": "x", "input_reference": [{"image_url": DATA_URL}]}},
        "nested": {"json": {"prompt": "x", "input_reference": {"image_url": {"url": DATA_URL}}}},
        "part of a chat": {
            "json": {
                "prompt": "x",
                "input_reference": {"type": "image_url", "image_url": {"url": DATA_URL}},
            }
        },
        "url": {"json": {"prompt": "x", "input_reference": {"url": DATA_URL}}},
        "b64_json": {"json": {"prompt": "x", "input_reference": {"b64_json": BASE64}}},
        "bare base64": {"json": {"prompt": "x", "input_reference": BASE64}},
        "URL-safe, unpadded": {"json": {"prompt": "x", "input_reference": URL_SAFE}},
        "base64 in lines": {"data": {"prompt": "x", "input_reference": IN_LINES}},
        "base64 in image_url": {"json": {"prompt": "x", "input_reference": {"image_url": BASE64}}},
    }


@pytest.mark.parametrize("spelling", reference_forms())
def test_every_spelling_of_a_reference_is_stored(
    api: httpx.Client, idle: LiveServer, spelling: str
) -> None:
    video = made(api.post("/videos", **reference_forms()[spelling]))

    uploads = idle.services.settings.data / "objects" / "uploads" / video["id"][6:]
    assert len(list(uploads.rglob("*.png"))) == 1


def bad_png(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims a size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\x00\x00\x00\x10IDAT"


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize(
    "data",
    [b"", b"just text", PNG[:60], bad_png(50_000, 50_000), b"GIF89a" + b"\x00" * 40],
    ids=["empty", "text", "truncated", "huge", "gif"],
)
def test_what_is_no_usable_picture_is_refused(api: httpx.Client, data: bytes) -> None:
    body = form(part("prompt", "x"), part("input_reference", data, "a.png"))

    refused(post(api, body, MULTIPART), 400, "invalid_image", "input_reference")


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize(
    ("reference", "status", "code"),
    [
        ("picture.png", 400, "invalid_value"),
        ("/etc/passwd", 400, "invalid_value"),
        ("file:///etc/passwd", 400, "invalid_value"),
        ("ftp://example.com/a.png", 400, "invalid_value"),
        ("data:image/png;base64,***", 400, "invalid_value"),
        ("data:image/png,plain", 400, "invalid_value"),
        ("data:image/png;base64,", 400, "invalid_image"),
        ("http://127.0.0.1:1/a.png", 400, "invalid_image_url"),
        ("http://[::1]/a.png", 400, "invalid_image_url"),
        ("http://169.254.169.254/latest", 400, "invalid_image_url"),
        ("http://user:pw@example.com/a.png", 400, "invalid_image_url"),
        ("https://", 400, "invalid_image_url"),
        ({}, 400, "invalid_value"),
        ({"image_url": DATA_URL, "file_id": "file-1"}, 400, "invalid_value"),
        ({"image_url": 5}, 400, "invalid_type"),
        ({"image_url": {"url": 5}}, 400, "invalid_type"),
        ({"image_url": {"link": DATA_URL}}, 400, "invalid_type"),
        ({"url": DATA_URL, "b64_json": BASE64}, 400, "invalid_value"),
        ({"b64_json": "short"}, 400, "invalid_value"),
        ("cat" * 30, 400, "invalid_image"),
        ([DATA_URL, DATA_URL], 400, "unsupported_value"),
        ([[DATA_URL]], 400, "invalid_type"),
        (5, 400, "invalid_type"),
        (True, 400, "invalid_type"),
    ],
)
def test_bad_references_are_refused(
    api: httpx.Client, reference: object, status: int, code: str
) -> None:
    answer = api.post("/videos", json={"prompt": "x", "input_reference": reference})

    refused(answer, status, code, answer.json()["error"]["param"])
    assert answer.json()["error"]["param"].startswith("input_reference")


@pytest.mark.usefixtures("nothing_made")
def test_the_id_of_no_file_is_refused(api: httpx.Client) -> None:
    answer = api.post("/videos", json={"prompt": "x", "input_reference": {"file_id": "file-1"}})

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


# Idempotency


def test_a_repeated_request_gives_the_first_job(api: httpx.Client) -> None:
    key = {"idempotency-key": "order-17"}
    first = made(api.post("/videos", json={"prompt": "x", "seconds": 4}, headers=key))
    again = made(api.post("/videos", data={"prompt": "x", "seconds": "4"}, headers=key))

    assert again == first
    other = api.post("/videos", json={"prompt": "y", "seconds": 4}, headers=key)
    refused(other, 409, "idempotency_conflict", "Idempotency-Key")
    assert other.headers["x-should-retry"] == "false"


def test_other_bytes_of_a_picture_make_another_request(api: httpx.Client) -> None:
    key = {"idempotency-key": "order-18"}

    def send(picture: bytes) -> httpx.Response:
        body = form(part("prompt", "x"), part("input_reference", picture, "a.png"))
        return post(api, body, MULTIPART, **key)

    assert made(send(PNG))["id"] == made(send(PNG))["id"]
    refused(send(png_bytes(64, 36, (0, 0, 0))), 409, "idempotency_conflict", "Idempotency-Key")


@pytest.mark.usefixtures("nothing_made")
@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_unusable_idempotency_key_is_refused(api: httpx.Client, key: str) -> None:
    answer = api.post("/videos", json={"prompt": "x"}, headers={"idempotency-key": key})

    refused(answer, 400, "invalid_value", "Idempotency-Key")
