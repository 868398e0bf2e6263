"""An upstream that calls back is looked at at once; nobody else can make us look."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.engines.base import EngineError
from hinode.engines.remote.callbacks import CallbackRegistry, restart_on
from hinode.engines.tasks.kind import KIND
from hinode.engines.tasks.settings import TasksEngineSettings
from hinode.kit.ids import new_id
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.live import wait_until_ended
from tests.support.upstreams.tasks import MODEL, TaskServer, task_server
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import Reply

PUBLIC = "https://hinode.example.com"
POLL_PAUSE = 30.0


def leave_alone(reply: Reply) -> Reply:
    """Ask to be left alone for so long that only a call explains another look."""
    return replace(reply, headers={"retry-after": str(round(POLL_PAUSE))})


@dataclass
class Yard:
    """A server whose engine is a task server that asks to be looked at every 30 seconds."""

    server: LiveServer
    client: httpx.Client
    upstream: TaskServer

    def make(self) -> str:
        answer = self.client.post("/videos", json={"prompt": "a fox"})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def called_at(self) -> str:
        """Where the upstream was told to call, on this server, once it has been looked at."""
        until = time.monotonic() + 10
        while not any(one.looks for one in self.upstream.tasks.values()):
            assert time.monotonic() < until
            time.sleep(0.02)
        (task,) = self.upstream.tasks.values()
        url = task.body["callback_url"]
        assert url.startswith(PUBLIC)
        return f"{self.server.url}{urlsplit(url).path}"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    data: Path = tmp_path_factory.mktemp("called")
    upstream = TaskServer(always={"look": leave_alone})
    with task_server(upstream) as wire:
        given = {"kind": "tasks", "origin": "trained", "url": wire.url, "key": KEY, "model": MODEL}
        found = TasksEngineSettings.model_validate({**given, "callback_base_url": PUBLIC})
        engine = KIND.create("relay", found, None)
        settings = load_settings(data=data, shutdown_seconds=0, engine="relay")
        services = open_services(settings, engines=EngineRegistry([engine]))
        with live_server(services) as server:
            key = server.new_key("owner")
            base = f"{server.url}/v1"
            with patient.Client(
                base_url=base, headers={"authorization": f"Bearer {key}"}
            ) as client:
                yield Yard(server, client, upstream)
        services.close()


@pytest.fixture
def yard(opened: Yard) -> Yard:
    opened.upstream.tasks.clear()
    return opened


def test_a_call_makes_the_end_seen_at_once(yard: Yard) -> None:
    video = yard.make()
    address = yard.called_at()
    begun = time.monotonic()
    (task,) = yard.upstream.tasks.values()
    task.looks = 10  # it is done there

    # What a call says is not read: this one lies.
    answer = patient.post(address, json={"id": task.id, "status": "failed"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert wait_until_ended(yard.client, video)["status"] == "completed"
    assert time.monotonic() - begun < POLL_PAUSE / 2
    # A call that comes late or again wakes nobody and harms nothing.
    assert patient.post(address).status_code == 200


def test_an_address_that_was_never_given_wakes_nobody(yard: Yard) -> None:
    yard.make()
    address = yard.called_at()
    folder, _, token = address.rpartition("/")
    job, _, proof = token.partition(".")
    for guess in (
        f"{folder}/{job}",
        f"{folder}/{job}.",
        f"{folder}/{job}.{proof[:-1]}{'0' if proof[-1] != '0' else '1'}",
        f"{folder}/{new_id().hex}.{proof}",
        f"{folder}/%ED%A0%80.%ED%A0%80",
        f"{address.replace('/relay/', '/preview/')}",
    ):
        assert patient.post(guess).status_code == 404, guess
    assert patient.get(address).status_code == 405


def test_tokens_are_of_one_job_at_one_engine_with_one_key() -> None:
    job = new_id()
    callbacks = CallbackRegistry(PUBLIC, "relay", "a key")
    token = callbacks.url_for(job).rpartition("/")[2]
    assert callbacks.notify(token)
    assert CallbackRegistry(PUBLIC, "relay", "a key").notify(token)  # in another process
    assert not CallbackRegistry(PUBLIC, "other", "a key").notify(token)
    assert not CallbackRegistry(PUBLIC, "relay", "another key").notify(token)


def test_a_wait_that_ends_leaves_the_one_that_took_over_to_be_called() -> None:
    """A job that was taken over in the same process is waited for twice for a moment."""
    job, callbacks = new_id(), CallbackRegistry(PUBLIC, "relay", "a key")

    async def run() -> None:
        with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
            first.enter_context(callbacks.waiting_for(job))
            notified = second.enter_context(callbacks.waiting_for(job))
            first.close()
            assert callbacks.notify(callbacks.url_for(job).rpartition("/")[2])
            async with asyncio.timeout(5):
                await notified.wait()

    asyncio.run(run())


def test_calls_without_a_key_to_prove_them_are_refused() -> None:
    given = {
        "kind": "tasks",
        "origin": "trained",
        "url": "http://127.0.0.1:9/v1",
        "callback_base_url": PUBLIC,
    }
    with pytest.raises(EngineError, match="needs a key"):
        KIND.create("relay", TasksEngineSettings.model_validate(given), None)


def test_a_flood_of_calls_lets_the_waits_get_somewhere() -> None:
    """Each wait has a second of its own before it may be begun anew."""

    async def run() -> int:
        notified, begun = asyncio.Event(), 0

        async def look() -> int:
            nonlocal begun
            begun += 1
            await asyncio.sleep(0.3)
            return begun

        async def flood() -> None:
            while True:
                notified.set()
                await asyncio.sleep(0)

        flooding = asyncio.create_task(flood())
        try:
            async with asyncio.timeout(5):
                return await restart_on(notified, look)
        finally:
            flooding.cancel()

    assert asyncio.run(run()) == 1
