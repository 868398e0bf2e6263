"""The requests, byte for byte as the official Python SDK spells them."""

from __future__ import annotations

import json
from collections.abc import Mapping

_FIELDS = {
    "prompt": "A red fox runs through snow at sunset, the camera pans slowly to the right",
    "model": "sora-2",
    "seconds": "8",
    "size": "1280x720",
}
_BOUNDARY = "4f0c8a1d2b3e4f5a6b7c8d9e0f1a2b3c"
_SDK_HEADERS = {
    "Accept": "application/json",
    "User-Agent": "OpenAI/Python 3.52.0",
    "X-Stainless-Lang": "python",
    "X-Stainless-Package-Version": "3.52.0",
    "X-Stainless-OS": "Linux",
    "X-Stainless-Arch": "x64",
    "X-Stainless-Runtime": "CPython",
    "X-Stainless-Runtime-Version": "3.11.7",
    "X-Stainless-Async": "false",
    "x-stainless-retry-count": "0",
    "x-stainless-read-timeout": "600",
}


def get(path: str, key: str, **headers: str) -> bytes:
    """Return a GET."""
    return _request("GET", path, key, headers, b"")


def create_multipart(path: str, key: str) -> bytes:
    """Return a create as the SDK sends it: a form, even where there is no file in it."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _FIELDS.items()
    ]
    body = "".join([*parts, f"--{_BOUNDARY}--\r\n"]).encode()
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    return _request("POST", path, key, {"Content-Type": kind}, body)


def create_json(path: str, key: str) -> bytes:
    """Return a create in JSON."""
    body = json.dumps(_FIELDS, separators=(",", ":")).encode()
    return _request("POST", path, key, {"Content-Type": "application/json"}, body)


def create_task(path: str, key: str, callback_url: str | None = None) -> bytes:
    """Return a create of the tasks dialect, with a callback if its URL is given."""
    task_input = {"prompt": _FIELDS["prompt"], "duration": 8, "aspect_ratio": "16:9"}
    fields = {"model": "sora-2", "input": task_input, "callback_url": callback_url}
    body = json.dumps(fields, separators=(",", ":")).encode()
    return _request("POST", path, key, {"Content-Type": "application/json"}, body)


def _request(method: str, path: str, key: str, headers: Mapping[str, str], body: bytes) -> bytes:
    every = {
        "Host": "127.0.0.1",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "keep-alive",
        **_SDK_HEADERS,
        "Authorization": f"Bearer {key}",
        **headers,
    }
    if method == "POST":
        every["Content-Length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
