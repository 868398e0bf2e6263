"""Many accounts at two server processes cannot make a paid route render more than its day allows.

They create all at once and cancel what was sent, which a provider bills all the same.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from hinode.core.engines.tables import route_days
from hinode.db.database import Database
from hinode.kit.ids import new_id
from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.kept_sums import assert_sums_are_exact
from tests.support.persistent import until
from tests.support.upstreams.hosted import hosted_server
from tests.support.upstreams.runway import RunwayServer
from tests.support.upstreams.videos import KEY

pytestmark = pytest.mark.full

PRICE, FITTING = 4 * 30, 5
ACCOUNTS, AT_ONCE = 4, 6
WITHOUT_END = 10**9
PATIENCE_SECONDS = 120.0
ROUTE = {
    "engine": "runway",
    "upstream": "veo3.1",
    "price": 30,
    "credits_per_day": PRICE * FITTING + PRICE // 2,
}
VIDEO = {"prompt": "a red boat", "model": "sora-2", "seconds": "4", "size": "1280x720"}


@pytest.fixture
def provider() -> RunwayServer:
    return RunwayServer(needed=WITHOUT_END)


@pytest.fixture
def group(database_url: str, tmp_path: Path, provider: RunwayServer) -> Iterator[HinodeProcess]:
    with hosted_server(provider) as wire:
        engine = {"kind": "runway", "url": wire.url, "key": KEY, "concurrency": FITTING * 4}
        settings = {
            "HINODE_DATABASE": database_url,
            "HINODE_PROCESSES": "2",
            "HINODE_ENGINES": json.dumps({"runway": {**engine, "poll_interval_seconds": 0.1}}),
            "HINODE_MODELS": json.dumps({"sora-2": {"engines": [ROUTE]}}),
        }
        process = HinodeProcess(tmp_path / "data", settings)
        process.start()
        yield process
        process.stop()


@pytest.fixture
def accounts(group: HinodeProcess) -> Iterator[list[httpx.Client]]:
    """Clients of accounts with credits for all that they try."""
    with group.client() as boss:
        clients: list[httpx.Client] = []
        for number in range(ACCOUNTS):
            name = {"name": f"account{number}", "credits": PRICE * 100}
            assert boss.post("/admin/accounts", json=name).status_code == 200
            made = boss.post("/admin/keys", json={"name": "k", "account": name["name"]}).json()
            headers = {"authorization": f"Bearer {made['secret']}"}
            url = f"{group.address}/v1"
            clients.append(patient.Client(base_url=url, headers=headers, timeout=60.0))
    yield clients
    for client in clients:
        client.close()


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(ACCOUNTS * AT_ONCE) as pool:
        return [one.result() for one in [pool.submit(task) for task in tasks]]


def ask(client: httpx.Client, method: str, path: str, **given: Any) -> httpx.Response:
    """Ask until it is answered: a process that is killed resets its connections."""
    answers: list[httpx.Response] = []

    def is_answered() -> bool:
        with suppress(httpx.TransportError):
            answers.append(client.request(method, path, **given))
        return bool(answers)

    until(is_answered, PATIENCE_SECONDS)
    return answers[0]


def attempt(client: httpx.Client) -> tuple[httpx.Client, str] | None:
    """Create a video; None when the credits of the day are used up."""
    answer = ask(client, "POST", "/videos", json=VIDEO, headers={"idempotency-key": new_id().hex})
    if answer.status_code == 200:
        return client, answer.json()["id"]
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True), answer.text
    return None


def rush(accounts: Sequence[httpx.Client]) -> list[tuple[httpx.Client, str]]:
    """Create as much as all can at once; return who got which video."""
    found = together([partial(attempt, one) for one in list(accounts) * AT_ONCE])
    return [one for one in found if one is not None]


def cancel(client: httpx.Client, video_id: str) -> str:
    """Cancel a video; return its status then."""
    ask(client, "POST", f"/videos/{video_id}/cancel")
    return str(ask(client, "GET", f"/videos/{video_id}").json()["status"])


def has_jobs(provider: RunwayServer, number: int) -> bool:
    return len(provider.jobs) == number


def days(database_url: str) -> list[int]:
    """Return the credits of each day; all is done on one, or on two around midnight."""
    db = Database(database_url)
    with db.read() as conn:
        credits = [int(one) for one in conn.scalars(sa.select(route_days.c.credits))]
    db.dispose()
    return credits


def test_canceling_what_was_sent_buys_no_more_of_the_day(
    group: HinodeProcess,
    accounts: list[httpx.Client],
    provider: RunwayServer,
    database_url: str,
) -> None:
    made = 0
    for _ in range(3):
        got = rush(accounts)
        made += len(got)
        until(partial(has_jobs, provider, made), PATIENCE_SECONDS)
        os.kill(group.children()[0], signal.SIGKILL)  # one of three; another takes its place
        assert set(together([partial(cancel, *one) for one in got])) <= {"failed"}

    counted = days(database_url)
    assert made == len(provider.jobs) >= FITTING
    assert sum(counted) == PRICE * made
    assert max(counted) <= PRICE * FITTING
    db = Database(database_url)
    assert_sums_are_exact(db)
    db.dispose()
