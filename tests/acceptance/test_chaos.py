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
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hinode.media.probe import probe
from tests.support.hinode_process import HinodeProcess, WorkerProcess, is_alive, running
from tests.support.persistent import (
    SMALL,
    SMALL_MODELS,
    PersistentClient,
    check_money,
    wait_for_all,
)

FULL = os.environ.get("HINODE_CHAOS") == "full"
KILLS = int(os.environ.get("HINODE_KILLS", "50")) if FULL else 4
JOBS = max(100, KILLS // 2) if FULL else 8
FRAMES = 120
PATIENCE_SECONDS = 1200.0 if FULL else 300.0


def wreak_havoc(processes: Sequence[HinodeProcess], rng: random.Random) -> Counter[str]:
    """Kill one of the processes or of their renders, again and again."""
    kills: Counter[str] = Counter()
    while kills.total() < KILLS:
        time.sleep(rng.uniform(0.1, 1.0))
        process = rng.choice(processes)
        renders = process.children()
        if renders and rng.random() < 0.4:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(renders), signal.SIGKILL)
                kills["render"] += 1
            continue
        orphans = process.kill()
        kills["worker" if isinstance(process, WorkerProcess) else "server"] += 1
        process.start()
        gone_by = time.monotonic() + 30
        while any(is_alive(pid) for pid in orphans):
            assert time.monotonic() < gone_by, "a render outlived its server"
            time.sleep(0.02)
    return kills


@pytest.mark.chaos
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    server = HinodeProcess(
        tmp_path / "data",
        {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "2", "HINODE_MODELS": SMALL_MODELS},
    )
    server.start()
    client = PersistentClient(server.address, server.key, PATIENCE_SECONDS, SMALL)
    made: list[str] = []
    maker = threading.Thread(target=lambda: made.extend(client.create(n) for n in range(JOBS)))
    maker.start()

    kills = wreak_havoc([server], random.Random(20261121))
    maker.join()
    videos = wait_for_all(client)

    print(f"{JOBS} jobs, kills: {dict(kills)}, ends: {Counter(v['status'] for v in videos)}")
    assert len(set(made)) == JOBS
    assert {video["id"] for video in videos} == set(made)
    check_files(client, videos, tmp_path)
    client.close()
    server.stop()
    check_money(f"sqlite:///{server.data / 'hinode.db'}", JOBS)


@pytest.mark.full
@pytest.mark.chaos
def test_kills_of_two_servers_and_two_workers_lose_nothing(
    database_url: str, tmp_path: Path
) -> None:
    settings = {
        "HINODE_DATABASE": database_url,
        "HINODE_ENGINES__PREVIEW__CONCURRENCY": "1",
        "HINODE_MODELS": SMALL_MODELS,
    }
    alone, data = {**settings, "HINODE_WORKERS": "false"}, tmp_path / "data"
    servers = [HinodeProcess(data, alone) for _ in range(2)]
    workers = [WorkerProcess(data, settings) for _ in range(2)]
    with running(*servers, *workers):
        clients = [
            PersistentClient(server.address, servers[0].key, PATIENCE_SECONDS, SMALL)
            for server in servers
        ]
        made: list[str] = []
        maker = threading.Thread(
            target=lambda: made.extend(clients[n % 2].create(n) for n in range(JOBS))
        )
        maker.start()
        kills = wreak_havoc([*servers, *workers], random.Random(20261129))
        maker.join()
        videos = wait_for_all(clients[0])
        print(f"{JOBS} jobs, kills: {dict(kills)}, ends: {Counter(v['status'] for v in videos)}")
        assert len(set(made)) == JOBS
        assert {video["id"] for video in videos} == {video["id"] for video in clients[1].all()}
        assert {video["id"] for video in videos} == set(made)
        check_files(clients[1], videos, tmp_path)
        for client in clients:
            client.close()
    check_money(database_url, JOBS)


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
