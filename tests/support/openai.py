"""Asking the OpenAI dialect over HTTP, and checking what it answers."""

from __future__ import annotations

import base64
from typing import Any

import httpx

from tests.support.pictures import png_bytes

PNG = png_bytes(64, 36)
DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
BOUNDARY = "b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"


def listed(api: httpx.Client) -> list[str]:
    return [video["id"] for video in api.get("/videos", params={"limit": 100}).json()["data"]]


def refused(answer: httpx.Response, status: int, code: str, param: str | None = None) -> str:
    """Check the whole envelope and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == JSON
    assert answer.headers["x-request-id"]
    error = answer.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (error["code"], error["param"]) == (code, param)
    message: str = error["message"]
    assert message
    return message


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    video: dict[str, Any] = answer.json()
    assert video["status"] == "queued"
    return video


def part(name: str, value: bytes | str, filename: str | None = None) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    head = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"\r\nContent-Type: application/octet-stream'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + data + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(api: httpx.Client, body: bytes, content_type: str, **headers: str) -> httpx.Response:
    return api.post("/videos", content=body, headers={"content-type": content_type, **headers})
