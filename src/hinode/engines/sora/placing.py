"""Handing a job to an account: wait for one that is free, send once, or say why it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from hinode.engines.base import EngineError, JobAction, MediaKind, RenderSpec
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.http import FilePart
from hinode.engines.sora import failures
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.finding import find_draft
from hinode.engines.sora.job_shapes import Created
from hinode.engines.sora.keeper import AccountLost, Keeper
from hinode.engines.sora.pool import Facts, Lease, Need, NoLease, Why
from hinode.engines.sora.requests import (
    Asked,
    added_seconds,
    storyboard,
    with_picture,
    with_target,
)
from hinode.engines.sora.verdicts import refusal_of
from hinode.engines.sora.wishes import ImageWish, VideoWish

_LOOK_SECONDS = 0.5
_WAITED_FOR_SECONDS = 60.0
_FULL_THERE_SECONDS = 5.0
_TOO_OFTEN_SECONDS = 30.0
_UNKNOWN_RESET_SECONDS = 900.0
_OVERLOAD_PAUSES = (2.0, 4.0, 8.0)

T = TypeVar("T")

log = structlog.get_logger("hinode.upstream")


class NoAccount(EngineError):
    """No account of the server can be given the job."""

    untaken = True

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__("upstream_no_account", message)
        self.retry_after = retry_after


class _Elsewhere(Exception):
    """This account does not take the job; another one may."""


class Placer:
    """Places the jobs of one engine. ``publish``: remixes start from a post."""

    def __init__(self, keeper: Keeper, *, publish: bool) -> None:
        self._keeper = keeper
        self._pool = keeper.pool
        self._publish = publish
        self._turns: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[str, bool, UUID | None], asyncio.Lock]
        ] = WeakKeyDictionary()

    async def place(self, spec: RenderSpec, asked: Asked, parent: Lease | None) -> Lease:
        """Send a job with an account, whose lease names what the server calls it.

        Raises :class:`EngineError`; then the job is surely not there, or will not be waited for.
        Raises :class:`TimeoutError` when the job ends, or its time does, before an account is free.
        """
        need = Need(spec.kind, asked.pro, None if parent is None else parent.account_id)
        while True:
            lease = await self._lease(spec.job_id, need)
            if lease.remote_id is not None:
                return lease
            if lease.sent:
                # A crash came between the request and its answer.
                raise UpstreamError(Fault.UNCERTAIN)
            try:
                return await self._send(lease, spec, asked, parent)
            except _Elsewhere as error:
                log.info("account passed over", account=str(lease.account_id), reason=str(error))

    async def _lease(self, job_id: UUID, need: Need) -> Lease:
        """Wait for a free account; those that wait for the same are served in their order."""
        async with self._turn(need):
            while True:
                found = await self._pool.acquire(job_id, need)
                if isinstance(found, Lease):
                    return found
                if found is None:
                    raise TimeoutError("the job has ended, or its time is up")
                try:
                    pause = _pause(found, need)
                except EngineError as error:
                    # Other jobs, of any plan and from anybody's video, may have more luck.
                    error.narrow = need.pro or need.account_id is not None
                    raise
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def _turn(self, need: Need) -> AsyncIterator[None]:
        turns = self._turns.setdefault(asyncio.get_running_loop(), {})
        key = (need.kind.value, need.pro, need.account_id)
        lock = turns.setdefault(key, asyncio.Lock())
        async with lock:
            yield
        if need.account_id is not None and not lock.locked():
            turns.pop(key, None)

    async def _send(
        self, lease: Lease, spec: RenderSpec, asked: Asked, parent: Lease | None
    ) -> Lease:
        for pause in (*_OVERLOAD_PAUSES, None):
            try:
                created = await self._create(lease, spec, asked, parent)
            except failures.Overloaded as error:
                if pause is None:
                    await self._pool.release(lease.job_id)
                    wait = error.retry_after
                    raise UpstreamError(Fault.BUSY, retry_after=wait) from error
                await asyncio.sleep(max(pause, min(error.retry_after or 0.0, 15.0)))
            except SoraFailure as error:
                raise await self._not_sent(lease, error) from error
            except AccountLost as error:
                await self._pool.release(lease.job_id)
                raise _Elsewhere(str(error)) from error
            else:
                # Durable before anything else: whoever goes on after a crash finds it.
                await asyncio.shield(self._pool.sent(lease, created.task_id))
                await self._keeper.learn_quota(lease.account_id, created.quota)
                return Lease(lease.job_id, lease.account_id, lease.kind, True, created.task_id)
        raise AssertionError("the last try returns or raises")

    async def _not_sent(self, lease: Lease, error: SoraFailure) -> Exception:
        """Return what a failed create means; the account is let go where another may be tried."""
        account, pool = lease.account_id, self._pool
        if error.may_have_run:
            await pool.failed(account, error.reason)
            return UpstreamError(Fault.UNCERTAIN)
        await pool.release(lease.job_id)
        match error:
            case failures.TooManyTasks():
                wait = max(_FULL_THERE_SECONDS, error.retry_after or 0.0)
                await pool.pause(account, wait, error.reason)
            case failures.TooOften():
                await pool.pause(account, error.retry_after or _TOO_OFTEN_SECONDS, error.reason)
            case failures.QuotaExhausted():
                left = _UNKNOWN_RESET_SECONDS if error.resets_in is None else error.resets_in
                # A server that says "now", and refuses again, is not asked without a pause.
                left = max(_FULL_THERE_SECONDS, left)
                await pool.learn(account, Facts(videos_left=0, resets_in=left))
                if lease.kind is not MediaKind.VIDEO:
                    await pool.pause(account, left, error.reason)
            case failures.NotActivated():
                await pool.set_aside(account, f"It is not activated: {error.reason}")
            case failures.Unreachable():
                return UpstreamError(Fault.UNSENT)
            case _:
                return refusal_of(error)
        return _Elsewhere(error.reason)

    async def _create(
        self, lease: Lease, spec: RenderSpec, asked: Asked, parent: Lease | None
    ) -> Created:
        """Send what is needed first, then the create itself, once."""
        account = lease.account_id
        if parent is not None and isinstance(asked.wish, VideoWish):
            return await self._on_video(lease, spec, asked.wish, parent.remote_id or "")
        wish = asked.wish
        if asked.picture is not None:
            picture = FilePart(asked.picture, "picture.png", "image/png")
            media = await self._prepare(account, lambda it: it.creation.upload_picture(picture))
            wish = with_picture(asked, media)
        await self._pool.sending(lease.job_id)
        return await self._keeper.ask(account, lambda client: _make(client, spec, wish))

    async def _prepare(self, account: UUID, call: Callable[[SoraClient], Awaitable[T]]) -> T:
        """Make a call that the create needs first, and that may be made again."""
        try:
            return await self._keeper.ask(account, call)
        except SoraFailure as error:
            if error.may_have_run:
                raise failures.Unreachable(error.reason) from error
            raise

    async def _on_video(
        self, lease: Lease, spec: RenderSpec, wish: VideoWish, parent: str
    ) -> Created:
        """Make a video from another one of the same account, whose task is ``parent``."""
        account, keeper = lease.account_id, self._keeper
        target = (await self._prepare(account, lambda client: find_draft(client, parent))).id
        if spec.action is JobAction.EXTENSION:
            seconds = added_seconds(spec)
            await self._pool.sending(lease.job_id)
            return await keeper.ask(
                account, lambda it: it.creation.extend(target, spec.prompt, seconds)
            )
        async with self._named(account, target) as name:
            remix = with_target(wish, name)
            await self._pool.sending(lease.job_id)
            return await keeper.ask(account, lambda it: it.creation.create_video(remix))

    @asynccontextmanager
    async def _named(self, account: UUID, generation_id: str) -> AsyncIterator[str]:
        """Yield what a remix calls a video: its generation, or a post that is there meanwhile."""
        if not self._publish:
            yield generation_id
            return
        post = await self._prepare(account, lambda it: it.posts.publish(generation_id))
        try:
            yield post.id
        finally:
            try:
                await self._keeper.ask(account, lambda it: it.posts.delete(post.id))
            except (AccountLost, SoraFailure) as error:
                log.warning("post not taken back", account=str(account), reason=str(error))


async def _make(client: SoraClient, spec: RenderSpec, wish: VideoWish | ImageWish) -> Created:
    if isinstance(wish, ImageWish):
        return await client.creation.create_images(wish)
    if spec.shots:
        return await client.creation.create_storyboard(storyboard(wish))
    return await client.creation.create_video(wish)


def _pause(found: NoLease, need: Need) -> float:
    """Return how long to wait before looking again. Raises when waiting is for somebody else."""
    match found.why:
        case Why.FULL:
            return _LOOK_SECONDS
        case Why.RESTING | Why.QUOTA if found.seconds is not None:
            if found.seconds <= _WAITED_FOR_SECONDS:
                return max(_LOOK_SECONDS, min(found.seconds, 2.0))
            fault = Fault.QUOTA if found.why is Why.QUOTA else Fault.BUSY
            raise UpstreamError(fault, retry_after=found.seconds)
        case Why.PLAN:
            raise NoAccount("The server that renders has no account with the plan for this.", None)
    if need.account_id is not None:
        raise UpstreamError(
            Fault.REQUEST, "The account that has the video it starts from is not there any more."
        )
    raise NoAccount("The server that renders has no account that works.", found.seconds)
