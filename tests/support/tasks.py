"""Asking the tasks dialect over HTTP, and checking what it answers."""

from __future__ import annotations

import base64
import time
from typing import Any

import httpx

from tests.support.pictures import png_bytes

PATH = "/videos/generations"
FRAME = png_bytes(320, 400)
DATA_URL = f"data:image/png;base64,{base64.b64encode(FRAME).decode()}"


def task_body(prompt: str = "a fox", **given: Any) -> dict[str, Any]:
    """A request that is good; ``given`` replaces and adds members of its input."""
    inputs = {"prompt": prompt, "duration": 4, "aspect_ratio": "16:9", **given}
    return {"model": "sora-2", "input": inputs}


def made(answer: httpx.Response) -> str:
    """Check the answer to a create and return the task's id."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["code", "msg", "data"]
    assert (body["code"], body["msg"], list(body["data"])) == (200, "success", ["taskId"])
    task_id: str = body["data"]["taskId"]
    return task_id


def refused(answer: httpx.Response, status: int, code: str, kind: str) -> str:
    """Check the whole envelope and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert list(error) == ["code", "message", "type"]
    assert (error["code"], error["type"]) == (code, kind)
    message: str = error["message"]
    assert message
    return message


def invalid(answer: httpx.Response) -> str:
    """Check that a request was called invalid, as documented, and return the message."""
    return refused(answer, 400, "invalid_request", "invalid_request_error")


def wait_until_over(client: httpx.Client, task_id: str) -> dict[str, Any]:
    """Poll until a task is completed or failed."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        task: dict[str, Any] = client.get(f"/tasks/{task_id}").json()
        if task["status"] in ("completed", "failed"):
            return task
        time.sleep(0.02)
    raise AssertionError(f"{task_id} did not end")
