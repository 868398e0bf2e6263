"""Kill real servers and render processes at random: nothing is lost, doubled or paid wrongly.

A few kills run with the other tests; `make chaos` runs 100 jobs through 50 kills, or HINODE_KILLS.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hinode.media.probe import probe
from tests.support.hinode_process import HinodeProcess, is_alive
from tests.support.persistent import PersistentClient, check_money, wait_for_all

FULL = os.environ.get("HINODE_CHAOS") == "full"
KILLS = int(os.environ.get("HINODE_KILLS", "50")) if FULL else 4
JOBS = max(100, KILLS // 2) if FULL else 8
# Small pictures: kills must find jobs in every phase, and time for most to end between two.
MODELS = '{"sora-2": {"sizes": ["160x96"]}}'
FRAMES = 120
PATIENCE_SECONDS = 1200.0 if FULL else 120.0


def wreak_havoc(server: HinodeProcess, rng: random.Random) -> Counter[str]:
    """Kill the server or one of its renders, again and again."""
    kills: Counter[str] = Counter()
    while kills.total() < KILLS:
        time.sleep(rng.uniform(0.1, 1.0))
        renders = server.children()
        if renders and rng.random() < 0.4:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(renders), signal.SIGKILL)
                kills["render"] += 1
            continue
        orphans = server.kill()
        kills["server"] += 1
        server.start()
        gone_by = time.monotonic() + 30
        while any(is_alive(pid) for pid in orphans):
            assert time.monotonic() < gone_by, "a render outlived its server"
            time.sleep(0.02)
    return kills


@pytest.mark.chaos
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    server = HinodeProcess(
        tmp_path / "data", {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "2", "HINODE_MODELS": MODELS}
    )
    server.start()
    client = PersistentClient(server.address, server.key, PATIENCE_SECONDS, "160x96")
    made: list[str] = []
    maker = threading.Thread(target=lambda: made.extend(client.create(n) for n in range(JOBS)))
    maker.start()

    kills = wreak_havoc(server, random.Random(20261121))
    maker.join()
    videos = wait_for_all(client)

    print(f"{JOBS} jobs, kills: {dict(kills)}, ends: {Counter(v['status'] for v in videos)}")
    assert len(set(made)) == JOBS
    assert {video["id"] for video in videos} == set(made)
    check_files(client, videos, tmp_path)
    client.close()
    server.stop()
    check_money(f"sqlite:///{server.data / 'hinode.db'}", JOBS)


def check_files(client: PersistentClient, videos: list[dict[str, Any]], folder: Path) -> None:
    """Every completed video is whole; the failed ones lost their render again and again."""
    for video in videos:
        if video["status"] == "failed":
            # Rendered by more than 20 servers that were killed, or killed itself three times.
            assert video["error"]["code"] in ("render_crashed", "abandoned")
            continue
        answer = client.ask("GET", f"/videos/{video['id']}/content")
        path = folder / "one.mp4"
        path.write_bytes(answer.content)
        assert probe(path).frames == FRAMES
