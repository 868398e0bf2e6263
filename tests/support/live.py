"""Servers in the test process, and waiting for what they do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.routing import Route

from hinode import EngineRegistry, load_settings, open_services
from hinode.engines.base import Engine
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server

UPLOAD_MB = 1.0
KEEP_ALIVE_SECONDS = 0.5


@contextmanager
def open_live(
    data: Path, *, workers: bool, others: Sequence[Engine] = (), **given: Any
) -> Iterator[LiveServer]:
    """Serve a Hinode with a scripted engine and ``others``; ``given`` are more of its settings."""
    engine = ScriptedEngine()
    settings = load_settings(
        data=data,
        engine=engine.name,
        engines={engine.name: {"concurrency": 4}},
        workers=workers,
        max_body_mb=UPLOAD_MB,
        shutdown_seconds=0,
        stream_keep_alive_seconds=KEEP_ALIVE_SECONDS,
        **given,
    )
    services = open_services(settings, engines=EngineRegistry([engine, *others]))
    try:
        with live_server(services) as server:
            yield server
    finally:
        services.close()


def operations(server: LiveServer, below: str) -> list[tuple[str, str]]:
    """Return the methods, without HEAD and OPTIONS, and paths of the routes below a prefix."""
    routes = [one for one in server.app.routes if isinstance(one, Route)]
    return [
        (method, one.path)
        for one in routes
        for method in sorted((one.methods or set()) - {"HEAD", "OPTIONS"})
        if one.path.startswith(below)
    ]


def wait_until_ended(client: httpx.Client, video_id: str, seconds: float = 40) -> dict[str, Any]:
    """Poll until a video is completed or failed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        video: dict[str, Any] = client.get(f"/videos/{video_id}").json()
        if video["status"] in ("completed", "failed"):
            return video
        time.sleep(0.02)
    raise AssertionError(f"{video_id} did not end")
