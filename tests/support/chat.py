"""Asking for chat completions over HTTP, and taking streams of them apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import httpx

from hinode.core.jobs import repository
from hinode.core.jobs.types import Job
from hinode.testing.server import LiveServer
from tests.support.responses import good

PATH = "/chat/completions"
_LINK = re.compile(r"https?://[^\s'\")]+")


def asking(content: object, model: str = "sora_image", **more: object) -> dict[str, Any]:
    """A body with one user message."""
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def chat(client: httpx.Client, content: object, model: str, **more: object) -> httpx.Response:
    return client.post(PATH, json=asking(content, model, **more))


def part(kind: str, address: object, **more: object) -> dict[str, object]:
    return {"type": kind, kind: address, **more}


def words(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def said(answer: httpx.Response) -> str:
    """What a whole answer says in its first choice."""
    text: str = good(answer)["choices"][0]["message"]["content"]
    return text


def links_in(content: str) -> list[str]:
    return _LINK.findall(content)


def events_of(lines: Iterable[str]) -> list[Any]:
    """The data of a stream's events: objects, and `[DONE]` as text."""
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


def joined(events: list[Any], key: str, index: int = 0) -> str:
    """All pieces of a choice's text, or of its thoughts."""
    return "".join(
        choice["delta"].get(key, "")
        for event in events
        if isinstance(event, dict)
        for choice in event.get("choices", ())
        if choice["index"] == index
    )


def job_of(server: LiveServer, completion_id: str) -> Job:
    """The job that a completion is about."""
    with server.services.db.read() as conn:
        job = repository.find(conn, UUID(hex=completion_id.removeprefix("chatcmpl-")))
    assert job is not None
    return job
