"""The engine for a server of the Sora backend dialect, with a pool of accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from hinode.engines.base import (
    Artifact,
    Capabilities,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.opening import result_limits_of
from hinode.engines.remote.polling import NotSeen, Pace, Sight, Stage, wait_for
from hinode.engines.sora.board import Board, Snapshot
from hinode.engines.sora.bringing import Bringer
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.keeper import AccountLost, Keeper
from hinode.engines.sora.link import Bounds, Link, Place
from hinode.engines.sora.placing import Placer
from hinode.engines.sora.pool import AccountPool, Lease
from hinode.engines.sora.requests import added_seconds, asked_of
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.engines.sora.verdicts import failure_of_draft, failure_of_task, trouble_of

_TASK, _ACCOUNT = "task", "account"
_RENDERED = 0.97
_LOST_SECONDS = 120.0

log = structlog.get_logger("hinode.upstream")


class SoraEngine:
    """A server of the dialect as an engine; its accounts are the pool's.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: SoraEngineSettings, pool: AccountPool) -> None:
        self._name = name
        self._settings = settings
        self.keeper = Keeper(_link(settings), pool)
        self._placer = Placer(self.keeper, publish=settings.remix == "post")
        self._bringer = Bringer(settings.url, result_limits_of(settings))
        # A look waits for the account's next poll by itself.
        self._pace = Pace(fastest=0.0, slowest=0.0, patience=settings.patience_seconds)
        self._boards: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[UUID, MediaKind], Board]
        ] = WeakKeyDictionary()

    @property
    def name(self) -> str:
        """The engine's name in settings, models and answers."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Videos and pictures, from a picture too; remixes and extensions of what it rendered."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset(MediaKind),
            first_frame=True,
            audio=True,
            description=settings.description or "Renders on another server, by its accounts.",
            licence=settings.licence or "as the other server says",
            origin=settings.signed_origin,
            actions=frozenset({JobAction.CREATE, JobAction.REMIX, JobAction.EXTENSION}),
            max_outputs=1,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Give the job to an account, once. Raises :class:`EngineError`.

        An overfull pool is waited for. A job that a crash has interrupted goes on where it stood:
        what was sent, or may have been, is not sent again.
        """
        parent = self._parent(spec)
        asked = asked_of(spec, spec.model or self._settings.model)
        lease = await self._placer.place(spec, asked, parent)
        log.info("submitted", engine=self._name, account=str(lease.account_id))
        return Ticket({_TASK: lease.remote_id, _ACCOUNT: str(lease.account_id)})

    def _parent(self, spec: RenderSpec) -> Lease | None:
        if spec.action is JobAction.CREATE:
            return None
        try:
            task_id, account_id = _read(spec.parent or Ticket())
        except (KeyError, ValueError) as error:
            # A ticket may be of another kind of engine, which had this name before.
            raise UpstreamError(
                Fault.REQUEST, "Only videos that were rendered there can be started from."
            ) from error
        if spec.action is JobAction.EXTENSION:
            added_seconds(spec)
        return Lease(spec.job_id, account_id, spec.kind, True, task_id)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the job, and bring its files in. Raises :class:`UpstreamError`."""
        task_id, account_id = _read(ticket)
        spec = context.spec
        board = self._board(account_id, spec.kind)
        with board.watching(task_id):
            watcher = _Watcher(board, task_id)
            await wait_for(watcher.look, lambda done: context.report(done * _RENDERED), self._pace)

        def ask(call: Callable[[SoraClient], Awaitable[list[str]]]) -> Awaitable[list[str]]:
            return self.keeper.ask(account_id, call)

        files = await self._bringer.bring(ask, task_id, context)
        await self._learn(account_id)
        return files

    async def _learn(self, account_id: UUID) -> None:
        try:
            quota = await self.keeper.ask(account_id, lambda client: client.account.quota())
            await self.keeper.learn_quota(account_id, quota)
        except (AccountLost, SoraFailure) as error:
            log.info("quota not seen", account=str(account_id), reason=str(error))

    def _board(self, account_id: UUID, kind: MediaKind) -> Board:
        boards = self._boards.setdefault(asyncio.get_running_loop(), {})
        for key in [key for key, board in boards.items() if board.idle]:
            del boards[key]

        def ask(call: Callable[[SoraClient], Awaitable[Snapshot]]) -> Awaitable[Snapshot]:
            return self.keeper.ask(account_id, call)

        made = Board(ask, kind, self._settings.poll_seconds)
        return boards.setdefault((account_id, kind), made)

    async def cancel(self, ticket: Ticket) -> None:
        """Nothing: the dialect has no cancel. The account is free for others all the same."""


class _Watcher:
    """One task on its account's board."""

    def __init__(self, board: Board, task_id: str) -> None:
        self._board = board
        self._task_id = task_id
        self._clock = asyncio.get_running_loop().time
        self._seen = self._clock()

    async def look(self) -> Sight:
        """See the task on the next snapshot. Raises :class:`NotSeen`."""
        try:
            snapshot = await self._board.look()
        except AccountLost as error:
            # The operator may mend it while the server still has the job.
            await asyncio.sleep(1.0)
            raise NotSeen(UpstreamError(Fault.IDENTITY)) from error
        except SoraFailure as error:
            raise NotSeen(trouble_of(error)) from error
        sight = sight_of(snapshot, self._task_id)
        if sight is not None:
            self._seen = self._clock()
            return sight
        # Between two lists for some seconds is usual.
        if self._clock() - self._seen > _LOST_SECONDS:
            raise UpstreamError(Fault.LOST)
        return Sight(Stage.WAITING)


def sight_of(snapshot: Snapshot, task_id: str) -> Sight | None:
    """Return how a task is; None when it is in no list."""
    task, draft = snapshot.tasks.get(task_id), snapshot.drafts.get(task_id)
    if draft is not None and (draft.failed or draft.best_url):
        if draft.failed:
            return Sight(Stage.FAILED, failure=failure_of_draft(draft))
        return Sight(Stage.DONE, 1.0)
    if task is None:
        return None if draft is None else Sight(Stage.RUNNING)
    if task.failed:
        return Sight(Stage.FAILED, failure=failure_of_task(task))
    if task.done:
        return Sight(Stage.DONE, 1.0)
    return Sight(Stage.RUNNING, task.progress or 0.0)


def _read(ticket: Ticket) -> tuple[str, UUID]:
    return str(ticket.data[_TASK]), UUID(str(ticket.data[_ACCOUNT]))


def _link(settings: SoraEngineSettings) -> Link:
    place = Place.at(
        settings.url,
        session_url=settings.session_url or None,
        token_url=settings.token_url or None,
    )
    return Link(place, Bounds(seconds=settings.answer_seconds))
