"""The contract of engines, held by the one for the task API: as documented, and a real Hinode."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hinode.engines.base import RenderSpec, Ticket
from hinode.engines.tasks.kind import KIND
from hinode.engines.tasks.settings import TasksEngineSettings
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.live import open_live
from tests.support.upstreams.tasks import MODEL, TaskServer, task_server
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import WireServer


def factory_of(url: str, key: str, **more: Any) -> EngineFactory:
    given = {
        "kind": "tasks",
        "origin": "trained",
        "url": url,
        "key": key,
        "poll_interval_seconds": 0.05,
        **more,
    }
    settings = TasksEngineSettings.model_validate(given)
    return functools.partial(KIND.create, "tasks", settings, None)


class TasksSuite(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    def spec(self) -> RenderSpec:
        """The dialect knows two shapes."""
        return replace(super().spec(), width=720, height=1280, frames=40)


@pytest.mark.parametrize("deletes", [True, False], ids=["deletes", "no delete"], scope="class")
class TestAsDocumented(TasksSuite):
    @pytest.fixture(autouse=True)
    def upstream(self, deletes: bool) -> Iterator[None]:
        self.server = TaskServer(deletes)
        with task_server(self.server) as wire:
            self.wire: WireServer = wire
            yield

    def factory(self) -> EngineFactory:
        return factory_of(self.wire.url, KEY, model=MODEL)

    def is_running(self, ticket: Ticket) -> bool:
        """Without DELETE nothing can be done."""
        return self.server.deletes and not self.server.tasks[str(ticket.data["id"])].stopped


@pytest.fixture(scope="module")
def hinode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with open_live(tmp_path_factory.mktemp("upstream"), workers=True) as server:
        yield server


class TestHinode(TasksSuite):
    @pytest.fixture(autouse=True)
    def upstream(self, hinode: LiveServer) -> None:
        self.server = hinode
        self.key = hinode.new_key("front")

    def factory(self) -> EngineFactory:
        return factory_of(f"{self.server.url}/v1", self.key, idempotent=True)

    def is_running(self, ticket: Ticket) -> bool:
        answer = patient.get(
            f"{self.server.url}/v1/tasks/{ticket.data['id']}",
            headers={"authorization": f"Bearer {self.key}"},
        )
        task = answer.json()
        return (task["status"], task.get("error", {}).get("code")) != ("failed", "canceled")
