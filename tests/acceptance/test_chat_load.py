"""Two hundred chats at once on one real server: little memory, and none is left in silence."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.chat import PATH, asking
from tests.support.hinode_process import HinodeProcess

STREAMS = 200
KEEP_ALIVES = 3
KEEP_ALIVE_SECONDS = 1.0
MOST_SILENCE = 4 * KEEP_ALIVE_SECONDS
MOST_MEGABYTES = 200
MOST_GROWTH_MEGABYTES = 60


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[HinodeProcess]:
    process = HinodeProcess(
        tmp_path / "data", {"HINODE_STREAM_KEEP_ALIVE_SECONDS": str(KEEP_ALIVE_SECONDS)}
    )
    process.start()
    yield process
    process.kill()


async def longest_silence(client: httpx.AsyncClient, arrived: asyncio.Barrier) -> float:
    """Follow a job that stalls; return the most seconds between two signs of life.

    All meet when each has heard some comments, and leave together.
    """
    body = asking("a fox", "sora_video2", stream=True)
    silence, quiet = 0.0, 0
    async with client.stream("POST", PATH, json=body) as answer:
        assert answer.status_code == 200
        heard = time.monotonic()
        async for line in answer.aiter_lines():
            now = time.monotonic()
            silence, heard = max(silence, now - heard), now
            quiet += line == ": keep-alive"
            if quiet == KEEP_ALIVES:
                await arrived.wait()
                return silence
    raise AssertionError("the stream ended")


async def chats(server: HinodeProcess) -> tuple[list[float], int]:
    """Open all streams; return their longest silences and the server's megabytes meanwhile."""
    headers = {"authorization": server.key, "hinode-simulate": "stall"}
    limits = httpx.Limits(max_connections=None)
    async with patient.AsyncClient(
        base_url=f"{server.address}/v1", headers=headers, limits=limits, timeout=30.0
    ) as client:
        arrived = asyncio.Barrier(STREAMS + 1)
        tasks = [asyncio.create_task(longest_silence(client, arrived)) for _ in range(STREAMS)]
        await asyncio.wait_for(arrived.wait(), 14.0)
        used = megabytes(server.pid)
        return await asyncio.gather(*tasks), used


def megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_two_hundred_streams_wait_together(crowded: HinodeProcess) -> None:
    headers = {"authorization": crowded.key}
    warm = patient.get(f"{crowded.address}/v1/models", headers=headers)
    assert warm.status_code == 200
    before, cpu, started = megabytes(crowded.pid), cpu_seconds(crowded.pid), time.monotonic()

    silences, used = asyncio.run(chats(crowded))

    took = time.monotonic() - started
    figures = {
        "megabytes": used,
        "growth": used - before,
        "silence": round(max(silences), 2),
        "seconds": round(took, 1),
        "cpu": round(cpu_seconds(crowded.pid) - cpu, 1),
    }
    print(figures)
    assert len(silences) == STREAMS
    assert used < MOST_MEGABYTES
    assert used - before < MOST_GROWTH_MEGABYTES
    assert max(silences) < MOST_SILENCE
    # The jobs are all there still, though everybody has left.
    listed = patient.get(f"{crowded.address}/v1/videos", params={"limit": 100}, headers=headers)
    assert {one["status"] for one in listed.json()["data"]} <= {"queued", "in_progress"}
