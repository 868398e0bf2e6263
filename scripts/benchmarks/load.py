"""A small load generator: raw HTTP/1.1 over keep-alive connections, bounded in count and time.

It shares the machine with the server that it drives, so it does as little as it can: requests are
ready-made bytes, and of an answer it reads the status and the length.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNK = 256 * 1024
_GRACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to send to a port of this machine: the requests in turn, over so many connections.

    ``seconds`` are measured after ``warmup`` seconds that are not; no more than ``max_requests``
    requests are sent. Every answer must have the status ``expect``.
    """

    port: int
    requests: tuple[bytes, ...]
    seconds: float
    warmup: float = 1.0
    max_requests: int = 200_000
    connections: int = 16
    expect: int = 200


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back: answers per second, latencies in milliseconds, body bytes per second."""

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    bytes_per_second: float
    errors: int


@dataclass(slots=True)
class _Recorder:
    load: Load
    queue: Iterator[bytes]
    measure_from: float
    end: float
    latencies: list[float] = field(default_factory=list)
    bytes: int = 0
    errors: int = 0
    last: float = 0.0

    def record(self, started: float, status: int, length: int) -> None:
        now = time.perf_counter()
        if status != self.load.expect:
            self.errors += 1
        elif started >= self.measure_from:
            self.latencies.append(now - started)
            self.bytes += length
            self.last = now


def drive(load: Load) -> LoadResult:
    """Send a load and return what was measured; for a process of its own."""
    return uvloop.run(_drive(load))


def fetch_all(port: int, requests: Sequence[bytes], connections: int = 16) -> list[bytes]:
    """Send each request once; return the bodies of the answers, which must be 200, in order."""
    return uvloop.run(_fetch_all(port, requests, connections))


async def _fetch_all(port: int, requests: Sequence[bytes], connections: int) -> list[bytes]:
    queue = iter(enumerate(requests))
    bodies: dict[int, bytes] = {}

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for place, request in queue:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            if found is None or int(head[9:12]) != 200:
                raise ValueError(f"an answer that was not expected: {head[:200]!r}")
            bodies[place] = await reader.readexactly(int(found[1]))
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return [bodies[place] for place in range(len(requests))]


async def _drive(load: Load) -> LoadResult:
    started = time.perf_counter()
    queue = itertools.islice(itertools.cycle(load.requests), load.max_requests)
    recorder = _Recorder(load, queue, started + load.warmup, started + load.warmup + load.seconds)
    async with asyncio.timeout(load.warmup + load.seconds + _GRACE_SECONDS):
        await asyncio.gather(*(_connection(recorder) for _ in range(load.connections)))
    return _summary(recorder)


async def _connection(recorder: _Recorder) -> None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.load.port)
        while (started := time.perf_counter()) < recorder.end:
            request = next(recorder.queue, None)
            if request is None:
                break
            writer.write(request)
            recorder.record(started, *await _answer(reader))
        writer.close()
    except (OSError, EOFError, ValueError):
        recorder.errors += 1


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer to its end; return its status and the length of its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    if found is None:
        raise ValueError("an answer without a length")
    length = left = int(found[1])
    while left:
        chunk = await reader.read(min(left, _CHUNK))
        if not chunk:
            raise EOFError
        left -= len(chunk)
    return int(head[9:12]), length


def _summary(recorder: _Recorder) -> LoadResult:
    count = len(recorder.latencies)
    if count < 2:
        return LoadResult(count, 0.0, 0.0, 0.0, 0.0, recorder.errors)
    seconds = recorder.last - recorder.measure_from
    cuts = statistics.quantiles(recorder.latencies, n=100)
    return LoadResult(
        count=count,
        per_second=count / seconds,
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
        bytes_per_second=recorder.bytes / seconds,
        errors=recorder.errors,
    )
