"""The slots of each engine in this process: its own number, not the one in the database.

DBOS keeps one concurrency per queue in the database, which is the same for all workers. Here every
process decides by its settings, so that large and small hosts serve the same queue.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dbos import DBOS

from hinode.workflows import names


class EngineSlots:
    """The slots of this process; ``concurrency`` is how many each engine has.

    A job may free its slot before it ends: what is left of it needs its engine no more.
    """

    def __init__(self, concurrency: Mapping[str, int]) -> None:
        self._concurrency = concurrency
        self._dbos: DBOS | None = None
        self._lock = threading.Lock()
        self._freed = Counter[str]()

    @property
    def total(self) -> Mapping[str, int]:
        """Return the number of slots of each engine."""
        return self._concurrency

    def occupied(self) -> Mapping[str, int]:
        """Return the number of jobs of each engine that run in this process and have a slot."""
        if self._dbos is None:
            return dict.fromkeys(self._concurrency, 0)
        count = self._dbos._active_workflows_set.count_for_queue
        return {
            engine: max(0, count(names.render_queue(engine)) - self._freed[engine])
            for engine in self._concurrency
        }

    @contextmanager
    def freeing(self, engine: str) -> Iterator[Callable[[], None]]:
        """Yield what frees the slot of a job early: it may be called on any thread, and again."""
        has_slot = True

        def free() -> None:
            nonlocal has_slot
            with self._lock:
                self._freed[engine] += has_slot
                has_slot = False

        try:
            yield free
        finally:
            free()
            with self._lock:
                self._freed[engine] -= 1

    def _most(self, engine: str) -> int:
        """Return how many jobs may run: never more than twice as many as there are slots."""
        slots = self._concurrency[engine]
        return slots + min(self._freed[engine], slots)

    def install(self, dbos: DBOS) -> None:
        """Make the launched DBOS poll the engines' queues with this process's own numbers.

        A queue in the database never changes while it is polled, so it is read once and not at
        every poll.
        """
        self._dbos = dbos
        own = {names.render_queue(one): one for one in self._concurrency}
        read, known = dbos._sys_db.get_queue, dict[str, Any]()

        def get_queue(name: str, **options: Any) -> Any:
            if name not in known:
                queue = read(name, **options)
                if queue is None:
                    return None
                known[name] = queue
            if name in own:
                known[name]._worker_concurrency = self._most(own[name])
            return known[name]

        dbos._sys_db.get_queue = get_queue  # type: ignore[method-assign]
