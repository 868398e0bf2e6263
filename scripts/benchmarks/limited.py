"""What credits, limits and callbacks cost a create: its rate with all of them, over that without.

Rounds of both kinds take turns on one server, so that whatever else the machine does meets both;
the ratio is the median of the rounds'.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from benchmarks import payloads, processes
from benchmarks.bench_data import BenchData
from benchmarks.load import Load, LoadResult
from benchmarks.report import DeliveryTarget, Line, Part

ROUNDS = 7
MIN_RATIO = 0.8
_NAME = "create, limited / free"
_PATH = "/v1/videos/generations"
_CALLBACK = "https://receiver.example/hook"
"""Nobody renders here, so nothing is sent to it."""

Drive = Callable[[Load], LoadResult]


def measure(drive: Drive, bench_data: BenchData, seconds: float) -> Part:
    """Drive a server that only queues, with 16 connections, in rounds of both kinds."""
    free = (payloads.create_task(_PATH, bench_data.key),)
    limited = tuple(payloads.create_task(_PATH, key, _CALLBACK) for key in bench_data.limited)
    pairs: list[tuple[LoadResult, LoadResult]] = []
    with processes.hinode(bench_data.data, "--no-workers") as server:

        def run(requests: tuple[bytes, ...]) -> LoadResult:
            return drive(Load(server.port, requests, seconds=seconds / 4, warmup=seconds / 16))

        for number in range(ROUNDS):
            # Who goes first changes: the queue grows, and the later one has the longer one.
            if number % 2:
                second = run(limited)
                pairs.append((run(free), second))
            else:
                pairs.append((run(free), run(limited)))
    return _part(pairs)


def _part(pairs: list[tuple[LoadResult, LoadResult]]) -> Part:
    ratios = [limited.per_second / free.per_second for free, limited in pairs if free.per_second]
    ratio = statistics.median(ratios or [0.0])
    errors = sum(free.errors + limited.errors for free, limited in pairs)
    spread = f"rounds {min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
    return Part(
        [
            Line("create, free", _rate(free for free, _ in pairs), "an unlimited account and key"),
            Line("create, limited", _rate(one for _, one in pairs), "credits, limits, a callback"),
            Line(_NAME, f"{ratio:.2f}", spread),
            Line("failed creates", str(errors)),
        ],
        [
            DeliveryTarget(_NAME, ratio, MIN_RATIO, ""),
            DeliveryTarget("failed creates", errors, 0, "", at_most=True),
        ],
    )


def _rate(runs: Iterable[LoadResult]) -> str:
    return f"{statistics.median(run.per_second for run in runs):,.0f}/s"
