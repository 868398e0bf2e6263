"""Files of batches, and waiting for what becomes of them."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

VIDEOS, IMAGES = "/v1/videos", "/v1/images/generations"


def line(custom_id: str, url: str = VIDEOS, **body: Any) -> dict[str, Any]:
    """A request of a batch; ``body`` adds to a prompt."""
    return {
        "custom_id": custom_id,
        "method": "POST",
        "url": url,
        "body": {"prompt": "a fox", **body},
    }


def jsonl(*lines: object) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)


def upload(client: httpx.Client, content: bytes) -> str:
    files = {"file": ("requests.jsonl", content)}
    answer = client.post("/files", data={"purpose": "batch"}, files=files)
    assert answer.status_code == 200, answer.text
    file_id: str = answer.json()["id"]
    return file_id


def start(client: httpx.Client, content: bytes, endpoint: str = VIDEOS) -> dict[str, Any]:
    body = {
        "input_file_id": upload(client, content),
        "endpoint": endpoint,
        "completion_window": "24h",
    }
    answer = client.post("/batches", json=body)
    assert answer.status_code == 200, answer.text
    batch: dict[str, Any] = answer.json()
    assert (batch["object"], batch["status"]) == ("batch", "validating")
    return batch


def wait_until_over(client: httpx.Client, batch_id: str, seconds: float = 60.0) -> dict[str, Any]:
    """Poll until a batch has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        batch: dict[str, Any] = client.get(f"/batches/{batch_id}").json()
        if batch["status"] in ("completed", "failed", "expired", "cancelled"):
            return batch
        time.sleep(0.05)
    raise AssertionError(f"{batch_id} did not end: {batch}")


def results(client: httpx.Client, file_id: str | None) -> dict[str, dict[str, Any]]:
    """Return the lines of a result file by their custom ids."""
    if file_id is None:
        return {}
    text = client.get(f"/files/{file_id}/content").text
    lines = [json.loads(one) for one in text.splitlines()]
    found = {one["custom_id"]: one for one in lines}
    assert len(found) == len(lines)
    return found
