"""What a server costs when it only is there: memory, the time of a start, and large downloads."""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path

from benchmarks import payloads, processes
from benchmarks.bench_data import LARGE_BYTES, BenchData
from benchmarks.load import Load, LoadResult
from benchmarks.report import DeliveryTarget, Line, Part
from benchmarks.traffic import Drive

GROWTH_MB = 64
IDLE_MB = 150
START_SECONDS = 2
_DOWNLOADS = 8
_STARTS = 3
_SETTLE_SECONDS = 2.0


def measure(drive: Drive, bench_data: BenchData) -> Part:
    """Measure downloads on the prepared server, and starts with a worker on a new folder."""
    downloads, growth = _downloads(drive, bench_data)
    first, starts, idle = _starts(bench_data.data.parent / "plain")
    warm = statistics.median(starts)
    name = f"memory growth, {_DOWNLOADS} × {LARGE_BYTES / 1e6:.0f} MB"
    all_starts = ", ".join(f"{one:.2f}" for one in starts)
    return Part(
        [
            Line(name, f"{growth:.1f} MB", f"{downloads.bytes_per_second / 1e6:,.0f} MB/s"),
            Line("failed downloads", str(downloads.errors)),
            Line("idle memory", f"{idle:.1f} MB", "hinode serve with its worker"),
            Line("warm start", f"{warm:.2f} s", f"{all_starts}; with a new folder {first:.2f} s"),
        ],
        [
            DeliveryTarget(name, growth, GROWTH_MB, "MB", at_most=True),
            DeliveryTarget("failed downloads", downloads.errors, 0, "", at_most=True),
            DeliveryTarget("idle memory", idle, IDLE_MB, "MB", at_most=True),
            DeliveryTarget("warm start", warm, START_SECONDS, "s", at_most=True),
        ],
    )


def _downloads(drive: Drive, bench_data: BenchData) -> tuple[LoadResult, float]:
    """Download the large file in parallel; return also the highest growth seen, in MB."""
    with processes.hinode(bench_data.data, "--no-workers") as server:
        retrieve = payloads.get(f"/v1/videos/{bench_data.small}", bench_data.key)
        drive(Load(server.port, (retrieve,), seconds=0.5))  # threads and connections are there
        before = server.rss_mb()
        seen = [before]
        done = threading.Event()
        watcher = threading.Thread(target=watch_memory, args=(server, seen, done))
        watcher.start()
        request = payloads.get(f"/v1/videos/{bench_data.large}/content", bench_data.key)
        measured = drive(
            Load(
                server.port,
                (request,),
                seconds=60.0,
                warmup=0.0,
                max_requests=_DOWNLOADS,
                connections=_DOWNLOADS,
            )
        )
        done.set()
        watcher.join()
    return measured, max(seen) - before


def watch_memory(server: processes.Server, seen: list[float], done: threading.Event) -> None:
    """Note the memory of a server until it is done, in MB."""
    while not done.wait(0.02):
        seen.append(server.rss_mb())


def _starts(data: Path) -> tuple[float, list[float], float]:
    """Start on a new folder, then again; return both kinds of seconds and the idle memory."""
    with processes.hinode(data) as server:
        first = server.start_seconds
    starts = []
    for _ in range(_STARTS):
        with processes.hinode(data) as server:
            starts.append(server.start_seconds)
            if len(starts) == _STARTS:
                time.sleep(_SETTLE_SECONDS)
                return first, starts, server.rss_mb()
    raise AssertionError("unreachable")
