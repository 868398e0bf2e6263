"""Poll one account's unfinished jobs, once for all tasks that wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.job_models import UpstreamDraft, UpstreamTask
from hinode.media.types import MediaKind

_PAGES = 5
_DRAFTS_A_PAGE = 30
_FEWEST_TASKS, _MOST_TASKS = 20, 100

RunWithClient = Callable[[Callable[[SoraClient], Awaitable["Snapshot"]]], Awaitable["Snapshot"]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account's tasks and finished drafts at one moment, by task id."""

    tasks: dict[str, UpstreamTask] = field(default_factory=dict)
    drafts: dict[str, UpstreamDraft] = field(default_factory=dict)


class PendingPoller:
    """The jobs of one kind of one account, in one event loop.

    The server is polled at most every ``interval_seconds`` seconds, however many wait.
    """

    def __init__(
        self, run_with_client: RunWithClient, kind: MediaKind, interval_seconds: float
    ) -> None:
        self._run_with_client = run_with_client
        self._read = _read_videos if kind is MediaKind.VIDEO else _read_images
        self._interval_seconds = interval_seconds
        self._wanted: Counter[str] = Counter()
        self._next: asyncio.Task[Snapshot] | None = None
        self._last = -interval_seconds

    @property
    def idle(self) -> bool:
        """Return whether no task is waited for."""
        return not self._wanted

    @contextmanager
    def waiting_for(self, task_id: str) -> Iterator[None]:
        """Count a task as waited for while the block runs."""
        self._wanted[task_id] += 1
        try:
            yield
        finally:
            self._wanted -= Counter([task_id])
            if self.idle and self._next is not None:
                self._next.cancel()
                self._next = None

    async def poll(self) -> Snapshot:
        """Return the next snapshot, the same for all who wait for it.

        Raises :class:`hinode.engines.sora.account_sessions.AccountUnusable` and
        :class:`hinode.engines.sora.errors.SoraClientError`.
        """
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._fetch())
        # A waiter that is cancelled must not cancel the poll of the others.
        return await asyncio.shield(self._next)

    async def _fetch(self) -> Snapshot:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._last + self._interval_seconds - clock()))
        self._last = clock()
        # Read after the sleep: waiters that came meanwhile are included.
        return await self._run_with_client(lambda client: self._read(client, set(self._wanted)))


async def _read_videos(client: SoraClient, wanted: set[str]) -> Snapshot:
    """Read the pending tasks, then, for those that have left them, the drafts.

    In this order: a task that ends in between is in the drafts.
    """
    tasks = {one.id: one for one in await client.creation.pending() if one.id in wanted}
    drafts: dict[str, UpstreamDraft] = {}
    missing, cursor = wanted - tasks.keys(), None
    for _ in range(_PAGES):
        if not missing:
            break
        page = await client.drafts.page(_DRAFTS_A_PAGE, cursor)
        found = {one.task_id: one for one in page.items if one.task_id in missing}
        drafts |= {task_id: one for task_id, one in found.items() if task_id is not None}
        missing, cursor = missing - drafts.keys(), page.cursor
        if cursor is None:
            break
    return Snapshot(tasks, drafts)


async def _read_images(client: SoraClient, wanted: set[str]) -> Snapshot:
    limit = min(_MOST_TASKS, max(_FEWEST_TASKS, 2 * len(wanted)))
    page = await client.creation.recent_tasks(limit)
    return Snapshot({one.id: one for one in page.tasks if one.id in wanted})
