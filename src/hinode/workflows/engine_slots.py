"""The slots of each engine in this process: its own number, not the one in the database.

DBOS keeps one concurrency per queue in the database, which is the same for all workers. Here every
process decides by its settings, so that large and small hosts serve the same queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbos import DBOS

from hinode.workflows import names


class EngineSlots:
    """The slots of this process; ``concurrency`` is how many each engine has."""

    def __init__(self, concurrency: Mapping[str, int]) -> None:
        self._concurrency = concurrency
        self._dbos: DBOS | None = None

    @property
    def total(self) -> Mapping[str, int]:
        """Return the number of slots of each engine."""
        return self._concurrency

    def occupied(self) -> Mapping[str, int]:
        """Return the number of jobs of each engine that run in this process now."""
        if self._dbos is None:
            return dict.fromkeys(self._concurrency, 0)
        count = self._dbos._active_workflows_set.count_for_queue
        return {engine: count(names.render_queue(engine)) for engine in self._concurrency}

    def install(self, dbos: DBOS) -> None:
        """Make the launched DBOS poll the engines' queues with this process's own numbers.

        A queue never changes while it is polled, so it is read once and not at every poll.
        """
        self._dbos = dbos
        own = {names.render_queue(one): number for one, number in self._concurrency.items()}
        read, known = dbos._sys_db.get_queue, dict[str, Any]()

        def get_queue(name: str, **options: Any) -> Any:
            if name not in known:
                queue = read(name, **options)
                if queue is None:
                    return None
                queue._worker_concurrency = own.get(name, queue._worker_concurrency)
                known[name] = queue
            return known[name]

        dbos._sys_db.get_queue = get_queue  # type: ignore[method-assign]
