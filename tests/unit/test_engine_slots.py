"""The slots of engines in a process: a job may give its own back before it ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hinode.workflows import names
from hinode.workflows.engine_slots import EngineSlots


class Queues:
    """What DBOS knows of its queues and running workflows."""

    def __init__(self) -> None:
        self.running = 0
        self._sys_db = SimpleNamespace(get_queue=self._read)
        self._active_workflows_set = SimpleNamespace(count_for_queue=lambda _: self.running)

    def _read(self, name: str, **_: Any) -> Any:
        return SimpleNamespace(name=name, _worker_concurrency=0)

    def most(self, engine: str) -> int:
        found: int = self._sys_db.get_queue(names.render_queue(engine))._worker_concurrency
        return found


def installed(**concurrency: int) -> tuple[EngineSlots, Queues]:
    slots, queues = EngineSlots(concurrency), Queues()
    slots.install(queues)  # type: ignore[arg-type]
    return slots, queues


def test_a_job_that_needs_its_engine_no_more_makes_room_until_it_ends() -> None:
    slots, queues = installed(local=1, other=3)
    assert (queues.most("local"), queues.most("other")) == (1, 3)
    with slots.freeing("local") as free:
        queues.running = 1
        assert queues.most("local") == 1
        free()
        free()
        assert (queues.most("local"), queues.most("other")) == (2, 3)
        assert slots.occupied()["local"] == 0
    queues.running = 0
    assert (queues.most("local"), slots.occupied()["local"]) == (1, 0)


def test_never_more_than_twice_as_many_jobs_run_as_there_are_slots() -> None:
    slots, queues = installed(local=1)
    with slots.freeing("local") as one, slots.freeing("local") as two:
        one()
        two()
        assert queues.most("local") == 2
