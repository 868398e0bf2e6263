"""The engine for a server of the Sora backend dialect, with a pool of accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from hinode.engines.base import (
    MAX_LORAS,
    Artifact,
    Capabilities,
    JobAction,
    MediaKind,
    Parameter,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.factory import result_limits_from
from hinode.engines.remote.polling import PollError, PollPolicy, PollResult, RemoteStatus, wait_for
from hinode.engines.sora.account_sessions import AccountSessions, AccountUnusable
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.error_mapping import map_draft_failure, map_poll_error, map_task_failure
from hinode.engines.sora.errors import SoraClientError
from hinode.engines.sora.pending_poller import PendingPoller, Snapshot
from hinode.engines.sora.requests import extension_seconds, submission_from
from hinode.engines.sora.result_downloader import ResultDownloader
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.engines.sora.submitter import Submitter
from hinode.engines.sora.transport import HttpTransport, ServerUrls, TransportLimits
from hinode.kit.proxy import parse_proxy
from hinode.upstream_accounts import AccountLease, AccountPool

_TASK, _ACCOUNT = "task", "account"
_RENDER_SHARE = 0.97
_MISSING_SECONDS = 120.0

log = structlog.get_logger("hinode.upstream")


class SoraEngine:
    """A server of the dialect as an engine, with the accounts of a pool.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: SoraEngineSettings, pool: AccountPool) -> None:
        self._name = name
        self._settings = settings
        self.sessions = AccountSessions(_transport(settings), pool)
        self._submitter = Submitter(
            self.sessions,
            backoff=settings.retry_backoff_seconds,
            publish=settings.remix == "post",
        )
        self._downloader = ResultDownloader(
            settings.url, result_limits_from(settings), parse_proxy(settings.proxy)
        )
        # The account's poller has the interval: waiting here, too, would double it.
        self._poll_policy = PollPolicy(
            min_interval=0.0,
            max_interval=0.0,
            unreachable_timeout=settings.unreachable_timeout_seconds,
        )
        self._pollers: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[UUID, MediaKind], PendingPoller]
        ] = WeakKeyDictionary()

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities: videos, pictures, first frames, remixes and extensions."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset(MediaKind),
            first_frame=True,
            audio=True,
            description=settings.description or "Renders on another server, by its accounts.",
            licence=settings.licence or "as the other server says",
            origin=settings.provenance_origin,
            actions=frozenset({JobAction.CREATE, JobAction.REMIX, JobAction.EXTENSION}),
            max_outputs=1,
            parameters=settings.named_parameters | {Parameter.STYLE},
            extra_params=frozenset(settings.extra_params),
            max_loras=MAX_LORAS,
            hosted=settings.is_hosted,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Submit the job with an account, once. Raises :class:`EngineError`.

        Wait while the pool is full. A job that a crash interrupted is resumed: what was sent, or
        may have been, is not sent again.
        """
        parent = self._parent(spec)
        submission = submission_from(
            spec,
            spec.model or self._settings.model,
            sends_seed=Parameter.SEED in self._settings.named_parameters,
        )
        lease = await self._submitter.submit(spec, submission, parent)
        log.info("job submitted upstream", engine=self._name, account=str(lease.account_id))
        return Ticket({_TASK: lease.remote_id, _ACCOUNT: str(lease.account_id)})

    def _parent(self, spec: RenderSpec) -> AccountLease | None:
        if spec.action is JobAction.CREATE:
            return None
        try:
            task_id, account_id = _parse_ticket(spec.parent or Ticket())
        except (KeyError, ValueError) as error:
            # The ticket may be of another kind of engine that had this name before.
            raise UpstreamError(
                FailureKind.INVALID_REQUEST,
                "Only a video that was rendered there can be the start of another.",
            ) from error
        if spec.action is JobAction.EXTENSION:
            extension_seconds(spec)
        return AccountLease(spec.job_id, account_id, spec.kind, True, task_id)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the job and download its files. Raises :class:`UpstreamError`."""
        task_id, account_id = _parse_ticket(ticket)
        spec = context.spec
        poller = self._poller(account_id, spec.kind)
        with poller.waiting_for(task_id):
            task_poll = _TaskPoll(poller, task_id)
            await wait_for(
                task_poll.poll, lambda done: context.report(done * _RENDER_SHARE), self._poll_policy
            )

        def run_with_client(
            call: Callable[[SoraClient], Awaitable[list[str]]],
        ) -> Awaitable[list[str]]:
            return self.sessions.run_with_client(account_id, call)

        files = await self._downloader.download(run_with_client, task_id, context)
        await self._update_quota(account_id)
        return files

    async def _update_quota(self, account_id: UUID) -> None:
        try:
            quota = await self.sessions.run_with_client(
                account_id, lambda client: client.account.quota()
            )
            await self.sessions.update_quota(account_id, quota)
        except (AccountUnusable, SoraClientError) as error:
            log.info("quota check failed", account=str(account_id), reason=str(error))

    def _poller(self, account_id: UUID, kind: MediaKind) -> PendingPoller:
        pollers = self._pollers.setdefault(asyncio.get_running_loop(), {})
        for key in [key for key, poller in pollers.items() if poller.idle]:
            del pollers[key]

        def run_with_client(
            call: Callable[[SoraClient], Awaitable[Snapshot]],
        ) -> Awaitable[Snapshot]:
            return self.sessions.run_with_client(account_id, call)

        made = PendingPoller(run_with_client, kind, self._settings.poll_interval_seconds)
        return pollers.setdefault((account_id, kind), made)

    async def maintenance(self) -> int:
        """Refresh the tokens that end soon and check accounts not checked for long."""
        return await self.sessions.maintain()

    async def check_account(self, account_id: UUID) -> str | None:
        """Query the server about an account and store the response; return the problem, or None."""
        try:
            await self.sessions.check_account(account_id)
        except (AccountUnusable, SoraClientError) as error:
            return str(error)
        return None

    async def cancel(self, ticket: Ticket) -> None:
        """Do nothing: the dialect has no cancel. The account is free for other jobs."""


class _TaskPoll:
    """One task on its account's poller."""

    def __init__(self, poller: PendingPoller, task_id: str) -> None:
        self._poller = poller
        self._task_id = task_id
        self._clock = asyncio.get_running_loop().time
        self._seen = self._clock()

    async def poll(self) -> PollResult:
        """Return the task's state in the next snapshot. Raises :class:`PollError`."""
        try:
            snapshot = await self._poller.poll()
        except AccountUnusable as error:
            # The operator may repair the account while the server still has the job.
            await asyncio.sleep(1.0)
            raise PollError(UpstreamError(FailureKind.UNAUTHORIZED)) from error
        except SoraClientError as error:
            raise PollError(map_poll_error(error)) from error
        result = parse_poll(snapshot, self._task_id)
        if result is not None:
            self._seen = self._clock()
            return result
        # A task is often in neither list for some seconds.
        if self._clock() - self._seen > _MISSING_SECONDS:
            raise UpstreamError(FailureKind.LOST)
        return PollResult(RemoteStatus.QUEUED)


def parse_poll(snapshot: Snapshot, task_id: str) -> PollResult | None:
    """Return a task's state; None when it is in no list."""
    task, draft = snapshot.tasks.get(task_id), snapshot.drafts.get(task_id)
    if draft is not None and (draft.failed or draft.best_url):
        if draft.failed:
            return PollResult(RemoteStatus.FAILED, failure=map_draft_failure(draft))
        return PollResult(RemoteStatus.COMPLETED, 1.0)
    if task is None:
        return None if draft is None else PollResult(RemoteStatus.RUNNING)
    if task.failed:
        return PollResult(RemoteStatus.FAILED, failure=map_task_failure(task))
    if task.done:
        return PollResult(RemoteStatus.COMPLETED, 1.0)
    return PollResult(RemoteStatus.RUNNING, task.progress or 0.0)


def _parse_ticket(ticket: Ticket) -> tuple[str, UUID]:
    return str(ticket.data[_TASK]), UUID(str(ticket.data[_ACCOUNT]))


def _transport(settings: SoraEngineSettings) -> HttpTransport:
    urls = ServerUrls.from_base(
        settings.url,
        session_url=settings.session_url or None,
        token_url=settings.token_url or None,
    )
    return HttpTransport(
        urls,
        TransportLimits(seconds=settings.response_timeout_seconds),
        parse_proxy(settings.proxy),
    )
