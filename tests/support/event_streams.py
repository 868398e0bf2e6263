"""Reads the event streams of a server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.patient import PATIENCE_SECONDS

Event = tuple[str, str, dict[str, Any]]


@contextmanager
def following(
    server: LiveServer, secret: str, last: str | None = None, path: str = "/v1/events"
) -> Iterator[Iterator[Event]]:
    """Follow an account, or what ``path`` tells of; yields its events: id, name, data."""
    headers = {"authorization": f"Bearer {secret}", **({"last-event-id": last} if last else {})}
    with (
        patient.Client(base_url=server.url, headers=headers, timeout=60.0) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events_of(answer)


def events_of(answer: httpx.Response) -> Iterator[Event]:
    """Yield the events of a stream; the test fails when none comes for long."""
    fields: dict[str, str] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    for line in answer.iter_lines():
        assert time.monotonic() < deadline, "the event did not come"
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def until(events: Iterator[Event], name: str) -> Event:
    """Return the next event of this name."""
    return next(one for one in events if one[1] == name)
