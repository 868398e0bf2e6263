"""Several engines behind one model: who is chosen, who steps in, and what waits."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from hinode import EngineRegistry, HinodeError, load_settings, open_services
from hinode.core.engines import service
from hinode.core.engines.types import AdminState, EngineState
from hinode.engines.base import EngineError, RenderContext, RenderSpec, Ticket
from hinode.media.types import Artifact
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.live import wait_until_ended


class NotAccepted(EngineError):
    """What an engine says that is not there."""

    not_accepted = True


@dataclass
class Engine(ScriptedEngine):
    """A scripted engine with a name, that can be away or refuse what it is asked."""

    name: str
    away: bool = False
    lacking: int = 0
    refuses: bool = False
    taken: list[str | None] = field(default_factory=list)
    offered: int = 0
    submit_trouble: list[Exception] = field(default_factory=list)
    collect_trouble: list[Exception] = field(default_factory=list)
    collected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def submit(self, spec: RenderSpec) -> Ticket:
        self.offered += 1
        if self.away:
            raise NotAccepted("away", "The server that renders cannot be reached.")
        if self.lacking:
            self.lacking -= 1
            error = NotAccepted("no_account", "No account has the plan for this.")
            error.job_specific, error.retry_after = True, 0.1
            raise error
        if self.refuses:
            raise EngineError("refused", "The prompt is too long for this engine.")
        if self.submit_trouble:
            raise self.submit_trouble.pop()
        self.taken.append(spec.model)
        return await super().submit(spec)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        self.collected.append(repr(ticket))
        if self.collect_trouble:
            raise self.collect_trouble.pop()
        return await super().collect(ticket, context)


@dataclass
class Yard:
    """Two engines behind one server."""

    server: LiveServer
    client: httpx.Client
    first: Engine
    second: Engine

    def make(self, model: str = "sora-2") -> str:
        answer = self.client.post("/videos", json={"prompt": "a fox", "model": model})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def state_of(self, name: str) -> EngineState:
        found = self.server.services.core.engines.engines()
        return next(one.state for one in found if one.state.name == name)

    def reset(self) -> None:
        for engine in (self.first, self.second):
            engine.away = engine.refuses = False
            engine.taken.clear()
            engine.collected.clear()
            engine.offered = 0
            self.server.services.core.engines.set_admin_state(engine.name, AdminState.OPEN)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    first, second = Engine("first"), Engine("second")
    data: Path = tmp_path_factory.mktemp("routing")
    settings = load_settings(
        data=data,
        shutdown_seconds=0,
        engine="first",
        max_submit_attempts=3,
        models={
            "sora-2": {"engines": ["first", {"engine": "second", "upstream": "big-model"}]},
            "alone": {"engine": "first", "sizes": ["64x64"], "seconds": [4], "price": 1},
            "even": {
                "engines": ["first", {"engine": "second", "weight": 3}],
                "routing_strategy": "weight",
                "sizes": ["64x64"],
                "seconds": [4],
                "price": 1,
            },
        },
    )
    services = open_services(settings, engines=EngineRegistry([first, second]))
    with live_server(services) as server:
        key = server.new_key("owner")
        base = f"{server.url}/v1"
        with patient.Client(base_url=base, headers={"authorization": f"Bearer {key}"}) as client:
            yield Yard(server, client, first, second)
    services.close()


@pytest.fixture
def yard(opened: Yard) -> Yard:
    opened.reset()
    return opened


def test_the_first_engine_that_is_well_renders(yard: Yard) -> None:
    ended = wait_until_ended(yard.client, yard.make())

    assert ended["status"] == "completed"
    assert (yard.first.taken, yard.second.taken) == ([None], [])


def test_another_engine_steps_in_and_the_first_rests(yard: Yard) -> None:
    yard.first.away = True

    first = wait_until_ended(yard.client, yard.make())
    offered = yard.first.offered
    second = wait_until_ended(yard.client, yard.make())

    assert (first["status"], second["status"]) == ("completed", "completed")
    assert yard.second.taken == ["big-model", "big-model"]
    assert (offered, yard.first.offered) == (1, 1)  # it rests: the second job never asked it
    state = yard.state_of("first")
    assert state.failures == 1
    assert state.reason == "The server that renders cannot be reached."


def test_a_job_that_is_refused_for_what_it_says_fails_at_once_and_trips_nothing(
    yard: Yard,
) -> None:
    yard.first.refuses = True

    ended = wait_until_ended(yard.client, yard.make())

    assert (ended["status"], ended["error"]["code"]) == ("failed", "refused")
    assert yard.second.offered == 0
    assert yard.state_of("first").failures == 0


def test_a_job_waits_for_its_only_engine_to_come_back(yard: Yard) -> None:
    yard.first.away = True
    job = yard.make("alone")
    _until(lambda: yard.first.offered == 1)
    _until(lambda: yard.client.get(f"/videos/{job}").json()["status"] == "queued")

    yard.first.away = False

    assert wait_until_ended(yard.client, job)["status"] == "completed"
    assert yard.state_of("first").failures == 0


def test_a_job_that_no_engine_ever_takes_fails_with_the_reason_and_costs_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MIN_COOLDOWN", timedelta(milliseconds=50))
    yard.first.away = True

    ended = wait_until_ended(yard.client, yard.make("alone"))

    assert ended["error"]["message"] == "The server that renders cannot be reached."
    assert yard.first.offered == 3


def test_a_job_that_alone_was_not_taken_comes_again_and_the_engine_does_not_rest(
    yard: Yard,
) -> None:
    yard.first.lacking = 1
    waiting = yard.make("alone")
    _until(lambda: yard.first.offered == 1)

    assert wait_until_ended(yard.client, yard.make("alone"))["status"] == "completed"
    assert yard.state_of("first").is_healthy
    assert wait_until_ended(yard.client, waiting)["status"] == "completed"
    assert yard.first.offered == 3


def test_a_job_goes_back_to_the_queue_while_the_host_is_in_trouble(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MIN_COOLDOWN", timedelta(milliseconds=50))
    # More often than an engine may refuse a job: the host's trouble is no refusal.
    yard.first.submit_trouble = [OSError(errno.EMFILE, "Too many open files") for _ in range(5)]

    ended = wait_until_ended(yard.client, yard.make("alone"))

    assert ended["status"] == "completed"
    assert (yard.first.offered, len(yard.first.taken)) == (6, 1)
    assert yard.state_of("first").is_healthy


def test_a_full_disk_repeats_collect_with_the_same_ticket(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MIN_COOLDOWN", timedelta(milliseconds=50))
    yard.first.collect_trouble = [OSError(errno.ENOSPC, "No space left") for _ in range(2)]

    ended = wait_until_ended(yard.client, yard.make("alone"))

    assert ended["status"] == "completed"
    assert (yard.first.offered, len(yard.first.collected)) == (1, 3)
    assert len(set(yard.first.collected)) == 1


def test_what_only_one_job_provokes_is_its_own_failure(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MIN_COOLDOWN", timedelta(milliseconds=50))
    yard.first.collect_trouble = [MemoryError() for _ in range(9)]

    ended = wait_until_ended(yard.client, yard.make("alone"))
    tried, yard.first.collect_trouble = len(yard.first.collected), []

    assert (ended["status"], ended["error"]["code"]) == ("failed", "internal_error")
    assert tried == 3
    assert wait_until_ended(yard.client, yard.make("alone"))["status"] == "completed"


def test_a_stopped_engine_starts_nothing_and_its_jobs_go_elsewhere(yard: Yard) -> None:
    yard.server.services.core.engines.set_admin_state("first", AdminState.STOPPED)

    assert wait_until_ended(yard.client, yard.make())["status"] == "completed"
    assert (yard.first.offered, len(yard.second.taken)) == (0, 1)

    waiting = yard.make("alone")
    yard.server.services.core.engines.set_admin_state("first", AdminState.OPEN)
    assert wait_until_ended(yard.client, waiting)["status"] == "completed"


def test_a_draining_engine_gets_nothing_new_but_finishes_its_queue(yard: Yard) -> None:
    yard.server.services.core.engines.set_admin_state("first", AdminState.DRAINING)

    assert wait_until_ended(yard.client, yard.make("alone"))["status"] == "completed"
    assert wait_until_ended(yard.client, yard.make())["status"] == "completed"
    assert (len(yard.first.taken), len(yard.second.taken)) == (1, 1)


def test_weights_share_the_jobs(yard: Yard) -> None:
    jobs = [yard.make("even") for _ in range(40)]

    assert all(wait_until_ended(yard.client, job)["status"] == "completed" for job in jobs)
    assert len(yard.first.taken) + len(yard.second.taken) == 40
    assert len(yard.first.taken) < len(yard.second.taken)


def test_only_engines_that_models_name_can_be_told_what_to_do(yard: Yard) -> None:
    with pytest.raises(HinodeError, match="Available: first, second"):
        yard.server.services.core.engines.set_admin_state("third", AdminState.STOPPED)


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
