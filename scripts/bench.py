"""`make bench`: requests, memory and rendering of a real server on this machine, in one table.

Everything runs on the loopback interface and ends by itself. Absolute figures are this machine's;
the ratios compare with other ones. The exit status is 1 when a target is missed by more than 20 %.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks import drafts, footprint, hosts, inflight, limited, peers, rendering, size, traffic
from benchmarks.bench_data import create_bench_data
from benchmarks.load import Load, LoadResult, drive
from benchmarks.report import Part, show

PARTS = (
    "traffic",
    "limited",
    "footprint",
    "drafts",
    "peers",
    "inflight",
    "size",
    "hosts",
    "preview",
)


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure only this part")
    parser.add_argument("--jobs", type=int, default=1_000_000, help="ended jobs of the part `size`")
    parser.add_argument(
        "--queued", type=int, default=100_000, help="queued jobs of the part `size`"
    )
    arguments = parser.parse_args()
    chosen = arguments.only or PARTS
    return 0 if show(_parts(chosen, arguments.seconds, arguments.jobs, arguments.queued)) else 1


def _parts(chosen: tuple[str, ...], seconds: float, jobs: int, queued: int) -> Iterator[Part]:
    if "size" in chosen:
        with tempfile.TemporaryDirectory(prefix="hinode-bench-") as folder:
            yield from size.measure(Path(folder), jobs, queued)
    if "hosts" in chosen:
        with tempfile.TemporaryDirectory(prefix="hinode-bench-") as folder:
            yield from hosts.measure(Path(folder), seconds)
    if set(PARTS[:-3]) & set(chosen):
        yield from _server_parts(chosen, seconds)
    if "preview" in chosen:
        yield rendering.measure(seconds)


def _server_parts(chosen: tuple[str, ...], seconds: float) -> Iterator[Part]:
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="hinode-bench-") as folder,
        ProcessPoolExecutor(1, mp_context=spawn) as pool,
    ):

        def drive_in_process(load: Load) -> LoadResult:
            return pool.submit(drive, load).result()

        if {"traffic", "limited", "footprint"} & set(chosen):
            bench_data = create_bench_data(Path(folder) / "data")
        if "traffic" in chosen:
            yield traffic.measure(drive_in_process, bench_data, seconds)
        if "limited" in chosen:
            yield limited.measure(drive_in_process, bench_data, seconds)
        if "footprint" in chosen:
            yield footprint.measure(drive_in_process, bench_data)
        if "drafts" in chosen:
            yield drafts.measure(drive_in_process, Path(folder), seconds)
        if "peers" in chosen:
            yield peers.measure(drive_in_process, Path(folder) / "peers", seconds)
        if "inflight" in chosen:
            yield inflight.measure(Path(folder) / "inflight")


if __name__ == "__main__":
    sys.exit(main())
