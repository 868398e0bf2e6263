"""Servers that hang, and an object store that is away: work goes on, exactly once, by itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.bucket import local_bucket
from tests.support.hinode_process import HinodeProcess, running
from tests.support.persistent import (
    PATIENCE_SECONDS,
    SMALL,
    SMALL_MODELS,
    PersistentClient,
    check_money,
    until,
    wait_for_all,
)

pytestmark = [pytest.mark.full, pytest.mark.chaos]

FULL = os.environ.get("HINODE_CHAOS") == "full"
JOBS, SECONDS = (30, 40.0) if FULL else (8, 4.0)
SETTINGS = {"HINODE_ENGINES__PREVIEW__CONCURRENCY": "2", "HINODE_MODELS": SMALL_MODELS}


def test_a_server_that_is_suspended_delays_only_its_own_jobs(
    database_url: str, tmp_path: Path
) -> None:
    settings = {**SETTINGS, "HINODE_DATABASE": database_url}
    first, second = (HinodeProcess(tmp_path / "data", settings) for _ in range(2))
    with running(first, second):
        one, two = (
            PersistentClient(server.address, first.key, size=SMALL) for server in (first, second)
        )
        made = [(one, two)[number % 2].create(number) for number in range(JOBS)]
        until(lambda: bool(second.children()), PATIENCE_SECONDS)

        os.kill(second.pid, signal.SIGSTOP)
        ended = _completed(one)
        # The first server's own jobs go on, whatever the second one holds.
        until(lambda: _completed(one) > ended, PATIENCE_SECONDS)
        time.sleep(SECONDS)
        os.kill(second.pid, signal.SIGCONT)

        videos = wait_for_all(one)
        assert {video["id"] for video in two.all()} == set(made)
        one.close()
        two.close()
    assert [video["status"] for video in videos] == ["completed"] * JOBS
    check_money(database_url, JOBS)


def test_a_store_that_is_away_fails_no_job(database_url: str, tmp_path: Path) -> None:
    with local_bucket() as bucket:
        settings = {
            **SETTINGS,
            **bucket.environment,
            "HINODE_DATABASE": database_url,
            "HINODE_STORAGE": "s3://films/hinode",
        }
        server = HinodeProcess(tmp_path / "data", settings)
        with running(server):
            client = PersistentClient(server.address, server.key, size=SMALL)
            made = [client.create(number) for number in range(JOBS)]
            until(lambda: _completed(client) > 0, PATIENCE_SECONDS)
            bucket.away = True
            time.sleep(SECONDS)
            bucket.away = False
            videos = wait_for_all(client)
            assert {video["id"] for video in videos} == set(made)
            for video in videos:
                assert client.ask("GET", f"/videos/{video['id']}/content").status_code == 200
            client.close()
    assert [video["status"] for video in videos] == ["completed"] * JOBS
    check_money(database_url, JOBS)


def _completed(client: PersistentClient) -> int:
    return sum(video["status"] == "completed" for video in client.all())
