"""Uploads of the Sora dialect: kept, shown by links without a token, and used as first frames."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from hinode.api.sora.create import schemas
from hinode.core.assets import repository as assets
from hinode.core.auth.types import Scope
from hinode.kit.ids import decode_id, decode_short_id
from hinode.media.types import ArtifactRole, MediaKind
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.films import write_film
from tests.support.pictures import claiming_png, png_bytes
from tests.support.signed_urls import proof_of, with_proof
from tests.support.sora_creation import (
    CREATE,
    PICTURE,
    UPLOAD_MB,
    job_of,
    made,
    member,
    open_sora,
    refused,
)

WIDE = png_bytes(400, 300)
PATHS = ("/uploads", "/project_y/file/upload")


@pytest.fixture(scope="module")
def sora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with open_sora(tmp_path_factory.mktemp("uploads"), workers=False) as server:
        yield server


@pytest.fixture(scope="module")
def client(sora: LiveServer) -> Iterator[httpx.Client]:
    with member(sora) as one:
        yield one


def picture_bytes(form: str, **given: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), (10, 90, 200)).save(buffer, form, **given)
    return buffer.getvalue()


def upload(client: httpx.Client, data: bytes = WIDE, name: str = "image.png") -> httpx.Response:
    """Upload as the clients of this backend do: the file first, then its name."""
    return client.post(
        "/uploads", files=[("file", (name, data, "image/png")), ("file_name", (None, name))]
    )


def point(client: httpx.Client, data: bytes = WIDE, use_case: str = "profile") -> httpx.Response:
    return client.post(
        "/project_y/file/upload",
        files=[("use_case", (None, use_case)), ("file", ("profile.webp", data, "image/webp"))],
    )


@pytest.mark.parametrize(
    ("form", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_an_upload_is_described_and_shown_without_a_token(
    client: httpx.Client, form: str, mime: str
) -> None:
    data = picture_bytes(form)

    answer = upload(client, data, "../a/猫.png")

    assert answer.status_code == 200, answer.text
    kept = schemas.UploadedImage.model_validate(answer.json())
    assert (kept.title, kept.mime_type, kept.size) == ("猫.png", mime, len(data))
    assert (kept.width, kept.height, kept.type) == (400, 300, "image")
    short, long = decode_short_id("media_", kept.id), decode_id("file_", kept.file_id)
    assert short == (long, 0)
    shown = patient.get(kept.url)
    assert (shown.status_code, shown.headers["content-type"]) == (200, mime)
    assert shown.content == data
    part = patient.get(kept.url, headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, data[:4])
    assert patient.head(kept.url).headers["content-length"] == str(len(data))


@pytest.mark.parametrize("use_case", ["profile", "inpaint_safe", "something_else"])
def test_a_pointed_file_has_its_pointer(client: httpx.Client, use_case: str) -> None:
    answer = point(client, use_case=use_case)

    file = schemas.UploadedFileObject.model_validate(answer.json())
    assert decode_id("file_", file.file_id)
    assert file.asset_pointer == f"sediment://{file.file_id}"
    assert (file.size, file.use_case) == (len(WIDE), use_case)
    assert patient.get(file.url).content == WIDE


def test_the_parts_come_in_any_order_and_need_no_company(client: httpx.Client) -> None:
    file = ("image.png", WIDE, "image/png")
    for path in PATHS:
        assert client.post(path, files={"file": file}).status_code == 200
        both = [("file_name", (None, b"a.png", "text/plain")), ("file", file)]
        assert client.post(path, files=both).status_code == 200
        assert client.post(path, files=both[::-1]).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture_bytes("GIF"),
        WIDE[: len(WIDE) // 2],
        WIDE[:60],
        claiming_png(30_000, 30_000),
        b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64,
    ],
    ids=["empty", "text", "svg", "gif", "cut", "stub", "bomb", "mp4"],
)
def test_what_is_no_whole_picture_is_refused(client: httpx.Client, path: str, data: bytes) -> None:
    answer = client.post(path, files=[("file", ("image.png", data, "image/png"))])

    refused(answer, 400, "invalid_request", "file")


@pytest.mark.parametrize("path", PATHS)
def test_broken_forms_are_refused(client: httpx.Client, path: str) -> None:
    form = {"content-type": "multipart/form-data; boundary=x"}
    refused(client.post(path), 400, "invalid_request", None)
    refused(client.post(path, content=b"--x\r\n", headers=form), 400, "invalid_request", None)
    refused(client.post(path, json={"file_name": "a"}), 400, "invalid_request", "file")
    refused(client.post(path, data={"file": "text"}), 400, "invalid_request", "file")
    large = [("file", ("a.png", b"x" * int(UPLOAD_MB * 1_000_001), "image/png"))]
    refused(client.post(path, files=large), 400, "invalid_request", None)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_uploads_without_a_token_that_may(sora: LiveServer, path: str) -> None:
    file = [("file", ("image.png", WIDE, "image/png"))]
    for key, status in (("sk-wrong", 401), (sora.new_key("v", frozenset({Scope.VIDEOS})), 403)):
        headers = {"authorization": f"Bearer {key}"}
        answer = patient.post(f"{sora.url}/backend{path}", files=file, headers=headers)
        assert answer.status_code == status


def test_an_upload_is_the_first_frame_and_says_the_shape(
    client: httpx.Client, sora: LiveServer
) -> None:
    media, file = upload(client).json()["id"], point(client).json()["file_id"]
    body = {key: value for key, value in CREATE.items() if key != "orientation"}

    for item in (
        {"kind": "upload", "upload_id": media},
        {"kind": "file", "file_id": file},
        {"kind": "file", "file_id": f"sediment://{file}"},
        {"upload_id": media},
    ):
        job = job_of(sora, made(client.post("/nf/create", json={**body, "inpaint_items": [item]})))
        assert str(job.plan.size) == "640x352"
        with sora.services.db.read() as conn:
            (kept,) = assets.inputs_of(conn, job.id)
        assert (kept.role, kept.width, kept.height) == (ArtifactRole.UPLOAD, 400, 300)


def test_an_upload_is_what_a_picture_is_made_from(client: httpx.Client, sora: LiveServer) -> None:
    items = [
        {"type": "image", "frame_index": 0, "upload_media_id": upload(client).json()["id"]},
        {"type": "image", "frame_index": 0, "upload_media_id": point(client).json()["file_id"]},
    ]

    body = {**PICTURE, "operation": "remix", "inpaint_items": items}
    job = job_of(sora, made(client.post("/video_gen", json=body)))

    assert job.kind is MediaKind.IMAGE
    with sora.services.db.read() as conn:
        assert len(assets.inputs_of(conn, job.id)) == 2


def test_uploads_of_others_are_not_found(client: httpx.Client, sora: LiveServer) -> None:
    media = upload(client).json()["id"]
    with member(sora) as other:
        for path, body, param in (
            (
                "/nf/create",
                {**CREATE, "inpaint_items": [{"kind": "upload", "upload_id": media}]},
                "inpaint_items[0].upload_id",
            ),
            (
                "/video_gen",
                {**PICTURE, "inpaint_items": [{"type": "image", "upload_media_id": media}]},
                "inpaint_items[0].upload_media_id",
            ),
        ):
            refused(other.post(path, json=body), 404, "not_found", param)


def test_links_to_uploads_are_whole_or_nothing(client: httpx.Client, sora: LiveServer) -> None:
    one, other = upload(client).json()["url"], upload(client).json()["url"]
    proof = proof_of(one)

    assert patient.get(one.replace(f"{proof}/", "")).status_code == 404
    assert patient.get(with_proof(other, proof)).status_code == 403
    assert patient.get(f"{sora.url}/files/{proof}/nothing.png").status_code == 403
    assert patient.get(f"{one}'").content == patient.get(one).content


def test_files_of_the_openai_dialect_are_uploads_too_if_they_are_pictures(
    client: httpx.Client, sora: LiveServer, tmp_path: Path
) -> None:
    def kept(data: bytes) -> dict[str, Any]:
        headers = {"authorization": client.headers["authorization"]}
        files, form = {"file": ("a", data)}, {"purpose": "vision"}
        answer = patient.post(f"{sora.url}/v1/files", files=files, data=form, headers=headers)
        file_id: str = answer.json()["id"].replace("-", "_")
        return {**CREATE, "inpaint_items": [{"kind": "file", "file_id": file_id}]}

    made(client.post("/nf/create", json=kept(WIDE)))
    clip = client.post("/nf/create", json=kept(write_film(tmp_path / "a.mp4").read_bytes()))
    refused(clip, 400, "invalid_request", "inpaint_items[0].file_id")
