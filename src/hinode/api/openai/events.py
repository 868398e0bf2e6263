"""Server-sent events: the response, and the stream of a video job."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from hinode.api.job_watcher import JobWatcher
from hinode.api.json_text import dump
from hinode.api.openai import serializers

_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


def event_stream_response(events: AsyncIterator[bytes] | Iterator[bytes]) -> Response:
    """Return a streaming response whose headers disable caching and buffering by proxies."""
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)


async def event_stream(watcher: JobWatcher, job_id: UUID) -> AsyncIterator[bytes]:
    """Yield the job now and at each change, keep-alive comments, and ``[DONE]`` at the end."""
    last = b""
    async with aclosing(watcher.follow(job_id)) as details:
        async for detail in details:
            if detail is None:
                yield b": keep-alive\n\n"
                continue
            data = dump(serializers.video(detail))
            # A job also changes in what clients are not shown.
            if data != last:
                yield b"event: video.updated\ndata: " + data + b"\n\n"
            last = data
    yield b"data: [DONE]\n\n"
