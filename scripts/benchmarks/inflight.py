"""A thousand jobs in flight in one process, before a slow upstream that renders all at once.

What is asked: how much memory they cost, how old the progress is that clients see, and how late an
upstream's "completed" is noticed. Clients look at jobs all the while, at random.
"""

from __future__ import annotations

import json
import random
import statistics
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import payloads, processes
from benchmarks.bench_data import create_gateway_data, render_clip
from benchmarks.footprint import watch_memory
from benchmarks.load import fetch_all
from benchmarks.report import DeliveryTarget, Line, Part
from hinode.engines.remote.settings import UpstreamSettings
from hinode.kit.ids import from_video_id

JOBS = 1_000
GROWTH_MB = 150
PROGRESS_SECONDS = 2.0
SLACK_SECONDS = 0.25
_RENDER_SECONDS = 20.0
_SAMPLES_PER_ROUND = 8
_ROUND_SECONDS = 0.1
_ROUNDS = 10
_TIMEOUT_SECONDS = 90.0
_ENGINE_SHARE = 0.97
"""The engine keeps the rest of the percents for bringing the file in."""
_VIDEOS = "/v1/videos"


@dataclass(frozen=True, slots=True)
class _Sample:
    """What a client was told of a job: when, in seconds since the epoch, and how many percent."""

    job: str
    at: float
    percent: int


@dataclass(frozen=True, slots=True)
class _UpstreamTimes:
    """When the upstream had a job, had done it and was first seen to have; since the epoch."""

    made: float
    done: float
    seen: float


@dataclass(frozen=True, slots=True)
class _Run:
    """What happened: seconds of all creates, peak growth in MB, how many jobs have which status."""

    creating: float
    growth_mb: float
    statuses: Counter[str]
    samples: list[_Sample]
    upstream_times: dict[str, _UpstreamTimes]


def measure(folder: Path) -> Part:
    """Create the jobs by HTTP, and look at them until the last one's end has been noticed."""
    folder.mkdir()
    clip = render_clip(folder / "clip", frames=12).path
    with ExitStack() as running:
        stub = running.enter_context(processes.upstream(clip, _RENDER_SECONDS))
        key = create_gateway_data(folder / "front", stub.port, concurrency=JOBS)
        server = running.enter_context(processes.hinode(folder / "front"))
        return _part(_run(server, stub, key))


def _run(server: processes.Server, stub: processes.Server, key: str) -> _Run:
    fetch_all(server.port, [payloads.get(_VIDEOS, key)] * 200)  # threads and connections are there
    before = server.rss_mb()
    seen, done = [before], threading.Event()
    watcher = threading.Thread(target=watch_memory, args=(server, seen, done))
    watcher.start()
    try:
        started = time.monotonic()
        bodies = fetch_all(server.port, [payloads.create_multipart(_VIDEOS, key)] * JOBS)
        creating = time.monotonic() - started
        jobs = [json.loads(body)["id"] for body in bodies]
        samples = _sample_progress(server.port, stub.port, key, jobs)
    finally:
        done.set()
        watcher.join()
    statuses = Counter(video["status"] for video in _videos(server.port, key, jobs))
    return _Run(creating, max(seen) - before, statuses, samples, _upstream_times(stub.port))


def _sample_progress(port: int, stub: int, key: str, jobs: list[str]) -> list[_Sample]:
    """Look at some jobs at a time until each one's end was noticed, or patience ends."""
    samples = []
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        for _ in range(_ROUNDS):
            time.sleep(_ROUND_SECONDS)
            now = time.time()
            samples += [
                _Sample(str(from_video_id(video["id"])), now, video["progress"])
                for video in _videos(port, key, random.sample(jobs, _SAMPLES_PER_ROUND))
            ]
        upstream_times = _upstream_times(stub)
        if len(upstream_times) == len(jobs) and all(
            times.seen for times in upstream_times.values()
        ):
            break
    return samples


def _videos(port: int, key: str, names: list[str]) -> list[dict[str, Any]]:
    bodies = fetch_all(port, [payloads.get(f"{_VIDEOS}/{name}", key) for name in names], 2)
    return [json.loads(body) for body in bodies]


def _upstream_times(port: int) -> dict[str, _UpstreamTimes]:
    (body,) = fetch_all(port, [payloads.get("/report", "")], 1)
    return {job: _UpstreamTimes(**times) for job, times in json.loads(body).items()}


def _ages(run: _Run) -> list[float]:
    """Return by how many seconds each answer was behind the upstream."""
    ages = []
    for sample in run.samples:
        times = run.upstream_times.get(sample.job)
        if times and times.made < sample.at < times.done:
            newer = next(p for p in range(101) if int(p * _ENGINE_SHARE) > sample.percent)
            known = times.made + newer / 100 * _RENDER_SECONDS
            ages.append(max(0.0, sample.at - known))
    return ages


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18] if len(values) > 1 else float("inf")


def _part(run: _Run) -> Part:
    ages = _ages(run)
    late = [one.seen - one.done for one in run.upstream_times.values() if one.seen]
    interval = UpstreamSettings.model_fields["poll_interval_seconds"].default
    growth, progress = f"memory growth, {JOBS:,} jobs", "progress is behind, p95"
    noticed, unnoticed = "completion is noticed, p95", "jobs failed, or not noticed"
    age, lateness = _p95(ages), _p95(late)
    wrong = run.statuses["failed"] + JOBS - len(late)
    done = f"{run.statuses['completed']} completed by then, the others' files being checked"
    return Part(
        [
            Line(growth, f"{run.growth_mb:.0f} MB", f"created in {run.creating:.1f} s"),
            Line(
                progress, f"{age:.2f} s", f"most {max(ages, default=0):.2f} s, {len(ages)} samples"
            ),
            Line(noticed, f"{lateness:.2f} s", f"most {max(late, default=0):.2f} s"),
            Line(unnoticed, str(wrong), done),
        ],
        [
            DeliveryTarget(growth, run.growth_mb, GROWTH_MB, "MB", at_most=True),
            DeliveryTarget(progress, age, PROGRESS_SECONDS, "s", at_most=True),
            DeliveryTarget(noticed, lateness, interval + SLACK_SECONDS, "s", at_most=True),
            DeliveryTarget(unnoticed, wrong, 0, "", at_most=True),
        ],
    )
