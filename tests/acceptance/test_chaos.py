"""Kill real servers and render processes at random: nothing is lost, doubled or paid wrongly.

A few kills run with the other tests; `make chaos` runs 100 jobs through 50 kills.
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

import httpx
import pytest
import sqlalchemy as sa

from hinode.db.database import Database
from hinode.media.probe import probe
from tests.support import patient
from tests.support.hinode_process import HinodeProcess, is_alive

FULL = os.environ.get("HINODE_CHAOS") == "full"
JOBS, KILLS = (100, 50) if FULL else (8, 4)
FRAMES = 120
PATIENCE_SECONDS = 1200.0 if FULL else 120.0


class PersistentClient:
    """Asks again until it is answered, as a program that must not lose its videos does."""

    def __init__(self, address: str, key: str) -> None:
        self._client = patient.Client(
            base_url=f"{address}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=10
        )

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        started = time.monotonic()
        while time.monotonic() - started < PATIENCE_SECONDS:
            with suppress(httpx.TransportError):
                answer = self._client.request(method, path, **kwargs)
                if answer.status_code < 500:
                    return answer
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was never answered")

    def create(self, number: int) -> str:
        body = {"prompt": f"fox number {number} in the rain", "seconds": "4", "size": "720x1280"}
        answer = self.ask(
            "POST", "/videos", json=body, headers={"Idempotency-Key": f"wish-{number}"}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            after = {"after": found[-1]["id"]} if found else {}
            page = self.ask("GET", "/videos", params={"limit": 100, **after}).json()
            found += page["data"]
            if not page["has_more"]:
                return found


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
    server = HinodeProcess(tmp_path / "data", {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "2"})
    server.start()
    client = PersistentClient(server.address, server.key)
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
    check_money(server.data)


def wait_for_all(client: PersistentClient) -> list[dict[str, Any]]:
    started = time.monotonic()
    while True:
        videos = client.all()
        if all(video["status"] in ("completed", "failed") for video in videos):
            return videos
        assert time.monotonic() - started < PATIENCE_SECONDS, "some jobs never ended"
        time.sleep(0.2)


def check_files(client: PersistentClient, videos: list[dict[str, Any]], folder: Path) -> None:
    """Every completed video is whole; the failed ones lost their render more than once."""
    for video in videos:
        if video["status"] == "failed":
            assert video["error"]["code"] == "render_crashed"
            continue
        answer = client.ask("GET", f"/videos/{video['id']}/content")
        path = folder / "one.mp4"
        path.write_bytes(answer.content)
        assert probe(path).frames == FRAMES


def check_money(data: Path) -> None:
    """One hold and one end per job, the right one, and a balance that is their sum."""
    db = Database(f"sqlite:///{data / 'hinode.db'}")
    with db.read() as conn:
        rows = conn.execute(
            sa.text(
                "SELECT j.state, j.price, group_concat(l.kind), sum(l.amount) FROM jobs j "
                "JOIN (SELECT * FROM ledger ORDER BY id) l ON l.job_id = j.id GROUP BY j.id"
            )
        ).all()
        balance, total = conn.execute(
            sa.text("SELECT (SELECT amount FROM balances), (SELECT sum(amount) FROM ledger)")
        ).one()
    db.dispose()
    assert len(rows) == JOBS
    for state, price, kinds, amount in rows:
        expected = ("hold,settle", -price) if state == "completed" else ("hold,refund", 0)
        assert (kinds, amount) == expected
    assert balance == total
