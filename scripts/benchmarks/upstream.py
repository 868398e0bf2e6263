"""A slow upstream with ``/v1/videos`` that renders nothing: one file is every job's result.

`python upstream.py PORT SECONDS CLIP` runs it. Each job takes so many seconds, all at the same
time, with progress by the clock. It answers `/report` with what happened to each job, by the
`Idempotency-Key` of its create: seconds since the epoch when it was made, when it was done, and
when that was first seen.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

_VIDEOS = "/v1/videos"

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(slots=True)
class _Job:
    key: str
    made: float
    seen: float = 0.0


class Upstream:
    """The ASGI application; it lives as long as its process and forgets nothing."""

    def __init__(self, seconds: float, clip: bytes) -> None:
        self._seconds = seconds
        self._clip = clip
        self._jobs: dict[str, _Job] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        status, kind, body = await self._answer(scope, receive)
        length = str(len(body)).encode()
        headers = [(b"content-type", kind), (b"content-length", length)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: dict[str, Any], receive: Receive) -> tuple[int, bytes, bytes]:
        path = scope["path"]
        if scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
            return self._video(self._make(scope["headers"]))
        name, _, rest = path.removeprefix(f"{_VIDEOS}/").partition("/")
        if name in self._jobs:
            return (200, b"video/mp4", self._clip) if rest else self._video(name)
        return _json(self._report() if path == "/report" else {})

    def _make(self, headers: list[tuple[bytes, bytes]]) -> str:
        name = f"video_{len(self._jobs):032x}"
        key = dict(headers).get(b"idempotency-key", b"").decode()
        self._jobs[name] = _Job(key or name, time.time())
        return name

    def _video(self, name: str) -> tuple[int, bytes, bytes]:
        job, now = self._jobs[name], time.time()
        done = min(1.0, (now - job.made) / self._seconds)
        if done == 1.0 and not job.seen:
            job.seen = now
        return _json(
            {
                "id": name,
                "object": "video",
                "model": "stub",
                "status": "completed" if done == 1.0 else "in_progress",
                "progress": int(done * 100),
                "created_at": int(job.made),
                "completed_at": int(now) if done == 1.0 else None,
                "expires_at": None,
                "error": None,
                "prompt": "a fox",
                "remixed_from_video_id": None,
                "seconds": "8",
                "size": "1280x720",
            }
        )

    def _report(self) -> dict[str, Any]:
        return {
            job.key: {"made": job.made, "done": job.made + self._seconds, "seen": job.seen}
            for job in self._jobs.values()
        }


def _json(value: object) -> tuple[int, bytes, bytes]:
    return 200, b"application/json", json.dumps(value, separators=(",", ":")).encode()


def main() -> None:
    """Serve until the end of the process."""
    port, seconds, clip = sys.argv[1:]
    app = Upstream(float(seconds), Path(clip).read_bytes())
    uvicorn.run(
        app, port=int(port), log_config=None, access_log=False, lifespan="off", backlog=2048
    )


if __name__ == "__main__":
    main()
