"""Submit a job with an account: wait for a free one and send once, or raise the reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from hinode.engines.base import EngineError, JobAction, MediaKind, RenderSpec
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import FilePart
from hinode.engines.sora import errors
from hinode.engines.sora.account_sessions import AccountSessions, AccountUnusable
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.draft_lookup import find_draft
from hinode.engines.sora.error_mapping import map_rejection
from hinode.engines.sora.errors import SoraClientError
from hinode.engines.sora.job_models import CreateResult
from hinode.engines.sora.params import ImageParams, VideoParams
from hinode.engines.sora.requests import (
    SoraSubmission,
    extension_seconds,
    storyboard,
    with_image,
    with_target,
)
from hinode.upstream_accounts import (
    AccountInfo,
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    UnavailableReason,
)

_MAX_WAIT_SECONDS = 60.0
_ACCOUNT_FULL_SECONDS = 5.0
_RATE_LIMITED_SECONDS = 30.0
_UNKNOWN_RESET_SECONDS = 900.0
_OVERLOAD_FACTORS = (4, 8, 16)
"""Pauses after a response of overload, as multiples of the setting ``retry_backoff_seconds``."""

T = TypeVar("T")

log = structlog.get_logger("hinode.upstream")


class NoAccountAvailable(EngineError):
    """No account of the server can take the job."""

    not_accepted = True

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__("upstream_no_account", message)
        self.retry_after = retry_after


class _TryNextAccount(Exception):
    """This account does not take the job; another one may."""


class Submitter:
    """Submits the jobs of one engine.

    ``backoff`` is the pause in seconds between two attempts at a busy server; ``publish``: remixes
    start from a post.
    """

    def __init__(self, sessions: AccountSessions, *, backoff: float, publish: bool) -> None:
        self._sessions = sessions
        self._backoff = backoff
        self._pool = sessions.pool
        self._publish = publish
        self._queue_locks: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[str, bool, UUID | None], asyncio.Lock]
        ] = WeakKeyDictionary()

    async def submit(
        self, spec: RenderSpec, submission: SoraSubmission, parent: AccountLease | None
    ) -> AccountLease:
        """Send a job with an account and return the lease with the job's id there.

        Raises :class:`EngineError`; then the job is certainly not there, or is not waited for.
        Raises :class:`TimeoutError` when the job ends, or times out, before an account is free.
        """
        request = LeaseRequest(
            spec.kind, submission.pro, None if parent is None else parent.account_id
        )
        while True:
            lease = await self._lease(spec.job_id, request)
            if lease.remote_id is not None:
                return lease
            if lease.sent:
                # A crash came between the request and its response.
                raise UpstreamError(FailureKind.UNCERTAIN)
            try:
                return await self._send(lease, spec, submission, parent)
            except _TryNextAccount as error:
                log.info("account skipped", account=str(lease.account_id), reason=str(error))

    async def _lease(self, job_id: UUID, request: LeaseRequest) -> AccountLease:
        """Wait for a free account; waiters for the same kind of account are served in order."""
        async with self._queue_turn(request):
            while True:
                found = await self._pool.acquire(job_id, request)
                if isinstance(found, AccountLease):
                    return found
                if found is None:
                    raise TimeoutError("the job has ended or has moved to another engine")
                try:
                    pause = max(self._backoff, _wait_seconds(found, request))
                except EngineError as error:
                    # Jobs of any plan, or from another account's video, may be taken.
                    error.job_specific = request.pro or request.account_id is not None
                    raise
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def _queue_turn(self, request: LeaseRequest) -> AsyncIterator[None]:
        locks = self._queue_locks.setdefault(asyncio.get_running_loop(), {})
        key = (request.kind.value, request.pro, request.account_id)
        lock = locks.setdefault(key, asyncio.Lock())
        async with lock:
            yield
        if request.account_id is not None and not lock.locked():
            locks.pop(key, None)

    async def _send(
        self,
        lease: AccountLease,
        spec: RenderSpec,
        submission: SoraSubmission,
        parent: AccountLease | None,
    ) -> AccountLease:
        for factor in (*_OVERLOAD_FACTORS, None):
            try:
                created = await self._create(lease, spec, submission, parent)
            except errors.ServerOverloaded as error:
                if factor is None:
                    await self._pool.release(lease.job_id)
                    wait = error.retry_after
                    raise UpstreamError(FailureKind.BUSY, retry_after=wait) from error
                await asyncio.sleep(
                    max(factor * self._backoff, min(error.retry_after or 0.0, 15.0))
                )
            except SoraClientError as error:
                raise await self._error_for(lease, error) from error
            except AccountUnusable as error:
                await self._pool.release(lease.job_id)
                raise _TryNextAccount(str(error)) from error
            else:
                # Stored before anything else: after a crash the job is resumed with it.
                await asyncio.shield(self._pool.mark_sent(lease, created.task_id))
                await self._sessions.update_quota(lease.account_id, created.quota)
                return AccountLease(
                    lease.job_id, lease.account_id, lease.kind, True, created.task_id
                )
        raise AssertionError("the last try returns or raises")

    async def _error_for(self, lease: AccountLease, error: SoraClientError) -> Exception:
        """Return the error of a failed create; release the account if another may be tried."""
        account, pool = lease.account_id, self._pool
        if error.may_have_executed:
            await pool.record_failure(account, error.reason)
            return UpstreamError(FailureKind.UNCERTAIN)
        await pool.release(lease.job_id)
        match error:
            case errors.TooManyTasks():
                wait = max(_ACCOUNT_FULL_SECONDS, error.retry_after or 0.0)
                await pool.cool_down(account, wait, error.reason)
            case errors.RateLimited():
                await pool.cool_down(
                    account, error.retry_after or _RATE_LIMITED_SECONDS, error.reason
                )
            case errors.QuotaExhausted():
                left = _UNKNOWN_RESET_SECONDS if error.resets_in is None else error.resets_in
                # A server may say "now" and reject again: always pause.
                left = max(_ACCOUNT_FULL_SECONDS, left)
                await pool.update_info(account, AccountInfo(videos_left=0, resets_in=left))
                if lease.kind is not MediaKind.VIDEO:
                    await pool.cool_down(account, left, error.reason)
            case errors.AccountNotActivated():
                await pool.quarantine(account, f"It is not activated: {error.reason}")
            case errors.ServerUnreachable():
                return UpstreamError(FailureKind.UNREACHABLE)
            case _:
                return map_rejection(error)
        return _TryNextAccount(error.reason)

    async def _create(
        self,
        lease: AccountLease,
        spec: RenderSpec,
        submission: SoraSubmission,
        parent: AccountLease | None,
    ) -> CreateResult:
        """Upload what the create needs, then send the create, once."""
        account = lease.account_id
        if parent is not None and isinstance(submission.params, VideoParams):
            return await self._create_from_video(
                lease, spec, submission.params, parent.remote_id or ""
            )
        params = submission.params
        if submission.picture is not None:
            picture = FilePart(submission.picture, "picture.png", "image/png")
            media = await self._prepare(account, lambda it: it.creation.upload_picture(picture))
            params = with_image(submission, media)
        await self._pool.mark_sending(lease.job_id)
        return await self._sessions.run_with_client(
            account, lambda client: _send_create(client, spec, params)
        )

    async def _prepare(self, account: UUID, call: Callable[[SoraClient], Awaitable[T]]) -> T:
        """Make a call that the create needs, and that may be retried."""
        try:
            return await self._sessions.run_with_client(account, call)
        except SoraClientError as error:
            if error.may_have_executed:
                raise errors.ServerUnreachable(error.reason) from error
            raise

    async def _create_from_video(
        self, lease: AccountLease, spec: RenderSpec, params: VideoParams, parent: str
    ) -> CreateResult:
        """Create a video from another one of the same account, whose task is ``parent``."""
        account, sessions = lease.account_id, self._sessions
        target = (await self._prepare(account, lambda client: find_draft(client, parent))).id
        if spec.action is JobAction.EXTENSION:
            seconds = extension_seconds(spec)
            await self._pool.mark_sending(lease.job_id)
            return await sessions.run_with_client(
                account, lambda it: it.creation.extend(target, spec.prompt, seconds)
            )
        async with self._remix_target(account, target) as name:
            remix = with_target(params, name)
            await self._pool.mark_sending(lease.job_id)
            return await sessions.run_with_client(
                account, lambda it: it.creation.create_video(remix)
            )

    @asynccontextmanager
    async def _remix_target(self, account: UUID, generation_id: str) -> AsyncIterator[str]:
        """Yield the id that a remix starts from: the generation, or a post published meanwhile."""
        if not self._publish:
            yield generation_id
            return
        post = await self._prepare(account, lambda it: it.posts.publish(generation_id))
        try:
            yield post.id
        finally:
            try:
                await self._sessions.run_with_client(account, lambda it: it.posts.delete(post.id))
            except (AccountUnusable, SoraClientError) as error:
                log.warning("remix post not deleted", account=str(account), reason=str(error))


async def _send_create(
    client: SoraClient, spec: RenderSpec, params: VideoParams | ImageParams
) -> CreateResult:
    if isinstance(params, ImageParams):
        return await client.creation.create_images(params)
    if spec.shots:
        return await client.creation.create_storyboard(storyboard(params))
    return await client.creation.create_video(params)


def _wait_seconds(found: LeaseUnavailable, request: LeaseRequest) -> float:
    """Return the least seconds until the next attempt. Raises when the job should not wait here."""
    match found.reason:
        case UnavailableReason.FULL:
            return 0.0
        case UnavailableReason.COOLDOWN | UnavailableReason.QUOTA if found.seconds is not None:
            if found.seconds <= _MAX_WAIT_SECONDS:
                return min(found.seconds, 2.0)
            failure_kind = (
                FailureKind.QUOTA if found.reason is UnavailableReason.QUOTA else FailureKind.BUSY
            )
            raise UpstreamError(failure_kind, retry_after=found.seconds)
        case UnavailableReason.PLAN:
            raise NoAccountAvailable(
                "The server that renders has no account with the plan for this.", None
            )
    if request.account_id is not None:
        raise UpstreamError(
            FailureKind.INVALID_REQUEST,
            "The account that has the video it starts from is not there any more.",
        )
    raise NoAccountAvailable("The server that renders has no account that works.", found.seconds)
