"""`hinode serve --processes`: one port, several processes; any of them can be killed."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, is_alive
from tests.support.persistent import (
    SMALL,
    SMALL_MODELS,
    PersistentClient,
    check_money,
    until,
    wait_for_all,
)

pytestmark = pytest.mark.full

PROCESSES = 2
JOBS = 6
PATIENCE_SECONDS = 180.0
COUNT = r'hinode_http_request_seconds_count{method="GET",route="/healthz",status="200"} (\d+)'


@pytest.fixture
def group(database_url: str, tmp_path: Path) -> Iterator[HinodeProcess]:
    settings = {
        "HINODE_DATABASE": database_url,
        "HINODE_PROCESSES": str(PROCESSES),
        "HINODE_MODELS": SMALL_MODELS,
    }
    process = HinodeProcess(tmp_path / "data", settings)
    process.start()
    yield process
    process.stop()


def all_run(group: HinodeProcess) -> bool:
    """The servers and the worker are there."""
    return len(group.children()) == PROCESSES + 1


def is_gone(pid: int) -> bool:
    return not is_alive(pid)


def requests_of_all(group: HinodeProcess) -> int:
    found = re.search(COUNT, patient.get(f"{group.address}/metrics", timeout=30.0).text)
    return int(found[1]) if found else 0


def test_killed_processes_are_replaced_and_lose_nothing(
    group: HinodeProcess, database_url: str
) -> None:
    client = PersistentClient(group.address, group.key, PATIENCE_SECONDS, SMALL)
    created = []
    for number in range(JOBS):
        created.append(client.create(number))
        until(lambda: all_run(group), 60)
        victim = group.children()[number % (PROCESSES + 1)]
        os.kill(victim, signal.SIGKILL)
        until(partial(is_gone, victim), 60)

    videos = wait_for_all(client)

    assert {video["id"] for video in videos} == set(created)
    assert {video["status"] for video in videos} == {"completed"}
    client.close()
    check_money(database_url, JOBS)


def test_metrics_are_the_sums_of_all_processes(group: HinodeProcess) -> None:
    until(lambda: all_run(group), 60)
    before, answered = requests_of_all(group), 0

    def several_have_answered() -> bool:
        nonlocal answered
        # A new connection each time: whoever accepts it answers it.
        assert patient.get(f"{group.address}/healthz", timeout=30.0).status_code == 200
        answered += 1
        return len(list((group.data / "metrics").glob("*/*.db"))) == PROCESSES and answered >= 20

    until(several_have_answered, 120)

    assert requests_of_all(group) == before + answered


def test_all_processes_end_with_the_first(group: HinodeProcess) -> None:
    until(lambda: all_run(group), 60)
    drained = group.children()

    assert group.stop() == 0
    assert not any(map(is_alive, drained))

    group.start()
    until(lambda: all_run(group), 60)
    orphaned = group.kill()
    until(lambda: not any(map(is_alive, orphaned)), 60)
    with suppress(httpx.TransportError):
        pytest.fail(f"somebody answers: {patient.get(f'{group.address}/healthz').text}")


def test_a_start_that_fails_is_told_once(tmp_path: Path) -> None:
    other = HinodeProcess(
        tmp_path / "other" / "data",
        {"HINODE_PROCESSES": "2", "HINODE_DATABASE": "postgresql://nobody@127.0.0.1:1/none"},
        fresh=True,
    )
    other.data.parent.mkdir()

    with pytest.raises(AssertionError):
        other.start()

    lines = other.log.read_text().splitlines()
    assert len([line for line in lines if line.startswith("Error:")]) == 1, lines
