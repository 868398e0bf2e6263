"""The clock of a running server goes 40 days ahead and comes back: nothing is lost.

In the short form Hinode's own clock is moved for seconds, and periodic tasks hurry; `make chaos`
moves the machine's for 40 seconds, in which they run as they always do.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from hinode.core.auth.types import Scope
from tests.support import patient
from tests.support.databases import postgres_server
from tests.support.hinode_process import HinodeProcess, hinode
from tests.support.moved_clock import COMMAND, MovedClock
from tests.support.persistent import PersistentClient, check_money, until

FULL = os.environ.get("HINODE_CHAOS") == "full"
AHEAD = timedelta(days=40)
JOBS, SECONDS, PACE = (12, 40.0, 1.0) if FULL else (6, 4.0, 40.0)
RUNNING = 4
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Place:
    """A server, its database, and its clock."""

    server: HinodeProcess
    database_url: str
    clock: MovedClock

    def clock_state(self) -> str:
        """What readiness says of the clock."""
        return str(patient.get(f"{self.server.address}/readyz").json()["clock"])

    def believed(self) -> float:
        """What the metric says of the clock."""
        text = patient.get(f"{self.server.address}/metrics").text
        found = re.search(r"^hinode_clock_believed (\S+)$", text, re.MULTILINE)
        assert found is not None
        return float(found[1])


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'data' / 'hinode.db'}"
        yield from _run(tmp_path, url)
        return
    with postgres_server() as postgres, postgres.fresh() as url:
        yield from _run(tmp_path, url)


def _run(folder: Path, url: str) -> Iterator[Place]:
    clock = MovedClock(folder)
    settings = {"HINODE_ENGINES__PREVIEW__CONCURRENCY": str(RUNNING), "HINODE_DATABASE": url}
    preloaded = clock.preloaded() if FULL else None
    if preloaded is not None:
        server = HinodeProcess(folder / "data", {**settings, **preloaded}, fresh=True)
    else:
        server = HinodeProcess(folder / "data", {**settings, **clock.injected(PACE)}, COMMAND)
    server.start()
    try:
        yield Place(server, url, clock)
    finally:
        assert server.stop() == 0


@pytest.fixture
def client(place: Place) -> Iterator[PersistentClient]:
    scopes = [word for one in (Scope.VIDEOS, Scope.TEST) for word in ("--scope", one.value)]
    where = ("--data", str(place.server.data), "--database", place.database_url)
    made = hinode("key", "create", "tester", *scopes, *where)
    assert made.returncode == 0, made.stderr
    opened = PersistentClient(place.server.address, made.stdout.strip(), PATIENCE_SECONDS)
    yield opened
    opened.close()


def create(client: PersistentClient, slow_seconds: float = 0.0) -> str:
    body = {"prompt": "a fox in the rain", "seconds": "4", "size": "720x1280"}
    headers = {"hinode-simulate": f"slow={slow_seconds:.0f}"} if slow_seconds else {}
    answer = client.ask("POST", "/videos", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def statuses(client: PersistentClient) -> dict[str, str]:
    return {video["id"]: video["status"] for video in client.all()}


@pytest.mark.full
@pytest.mark.chaos
def test_forty_days_ahead_remove_no_video_and_fail_no_job(
    place: Place, client: PersistentClient
) -> None:
    finished = create(client)
    until(lambda: statuses(client)[finished] == "completed", PATIENCE_SECONDS)
    content = client.ask("GET", f"/videos/{finished}/content").content
    made = [create(client, SECONDS) for _ in range(JOBS)]
    until(lambda: "in_progress" in statuses(client).values(), PATIENCE_SECONDS)
    assert (place.clock_state(), place.believed()) == ("ok", 1)

    place.clock.move(AHEAD)
    until(lambda: place.clock_state() == "jumped", PATIENCE_SECONDS)
    assert place.believed() == 0
    made.append(create(client, 1))
    started = time.monotonic()
    while time.monotonic() - started < SECONDS:
        assert "failed" not in statuses(client).values()
        time.sleep(0.2)
    assert client.ask("GET", f"/videos/{finished}/content").status_code != 200

    place.clock.move(timedelta())
    until(lambda: place.clock_state() == "ok", PATIENCE_SECONDS)
    assert place.believed() == 1
    assert client.ask("GET", f"/videos/{finished}/content").content == content
    until(lambda: set(statuses(client).values()) == {"completed"}, PATIENCE_SECONDS)

    assert set(statuses(client)) == {finished, *made}
    for video in made:
        assert client.ask("GET", f"/videos/{video}/content").status_code == 200
    check_money(place.database_url, JOBS + 2)
