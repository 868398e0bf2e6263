"""The database goes away under a running server and comes back: all work goes on by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.databases import Postgres
from tests.support.full_disk import full_disk
from tests.support.hinode_process import HinodeProcess
from tests.support.persistent import (
    PATIENCE_SECONDS,
    SMALL,
    SMALL_MODELS,
    PersistentClient,
    check_money,
    until,
    wait_for_all,
)
from tests.support.receiver import Receiver, receiving

FULL = os.environ.get("HINODE_CHAOS") == "full"
JOBS, OUTAGES = (40, (20.0, 20.0, 20.0, 20.0, 90.0)) if FULL else (8, (3.0, 3.0))
MOVES_AGAIN_SECONDS = 15.0
"""The bound for the time until work goes on, beside that of a job on this machine."""


@dataclass(frozen=True)
class Place:
    """A server, its database, and how to take that away."""

    server: HinodeProcess
    database_url: str
    outage: Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    settings = {
        "HINODE_ENGINES__PREVIEW__CONCURRENCY": "2",
        "HINODE_ALLOW_HOSTS": '["127.0.0.1"]',
        "HINODE_MODELS": SMALL_MODELS,
    }
    if request.param == "sqlite":
        server = HinodeProcess(tmp_path / "data", settings)
        url = f"sqlite:///{tmp_path / 'data' / 'hinode.db'}"
        yield from _run(Place(server, url, lambda: full_disk(server.pid)))
        return
    postgres = Postgres(tmp_path / "cluster")
    with postgres.fresh() as url:
        server = HinodeProcess(tmp_path / "data", {**settings, "HINODE_DATABASE": url})
        yield from _run(Place(server, url, postgres.outage))
    postgres.stop()


def _run(place: Place) -> Iterator[Place]:
    place.server.start()
    try:
        yield place
    finally:
        assert place.server.stop() == 0


@pytest.mark.full
@pytest.mark.chaos
def test_outages_strand_no_job_and_no_webhook(place: Place) -> None:
    client = PersistentClient(place.server.address, place.server.key, size=SMALL)
    with receiving() as receiver:
        hook = {"name": "n", "url": receiver.url, "event_types": ["video.completed"]}
        assert client.ask("POST", "/webhook_endpoints", json=hook).status_code == 200
        made = [client.create(number) for number in range(JOBS)]
        usual = until(lambda: _completed(client) > 0, PATIENCE_SECONDS)
        for seconds in OUTAGES:
            moved, sent = _outage(place, client, receiver, seconds, usual)
            print(f"away for {seconds:.0f} s: next video after {moved:.1f} s, webhook {sent:.1f} s")
        videos = wait_for_all(client)
        until(lambda: _delivered(receiver) == JOBS, PATIENCE_SECONDS)
    client.close()

    assert {video["id"] for video in videos} == set(made)
    assert [video["status"] for video in videos] == ["completed"] * JOBS
    check_money(place.database_url, JOBS)


def _outage(
    place: Place, client: PersistentClient, receiver: Receiver, seconds: float, usual: float
) -> tuple[float, float]:
    """Take the database away; return how long the next video and webhook took when it was back."""
    ended, delivered = _completed(client), _delivered(receiver)
    with place.outage():
        time.sleep(seconds)
    most = MOVES_AGAIN_SECONDS + 2 * usual
    moved = until(lambda: _completed(client) > ended or _completed(client) == JOBS, most)
    sent = until(lambda: _delivered(receiver) > delivered or delivered == JOBS, most)
    return moved, moved + sent


def _completed(client: PersistentClient) -> int:
    return sum(video["status"] == "completed" for video in client.all())


def _delivered(receiver: Receiver) -> int:
    return len({one.headers["webhook-id"] for one in receiver.requests})
