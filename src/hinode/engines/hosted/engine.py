"""The engine for every provider of videos as jobs: create once, wait, download, stop.

It polls, sooner where the provider calls back. What differs is the
:class:`hinode.engines.hosted.provider.Provider`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from hinode.engines.base import (
    Artifact,
    Capabilities,
    EngineError,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.hosted.provider import COST, CREDITS, DATA, ID, URLS, Call, Provider, TicketData
from hinode.engines.hosted.settings import HostedSettings
from hinode.engines.remote.callbacks import CallbackRegistry, restart_on
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_exception
from hinode.engines.remote.factory import create_client, poll_policy_from, result_limits_from
from hinode.engines.remote.http import (
    InvalidResponse,
    OutcomeUnknown,
    RequestNotSent,
    UpstreamResponse,
)
from hinode.engines.remote.polling import PollError, PollResult, RemoteStatus, wait_for
from hinode.engines.remote.results import ResultMissing, download_url, video_artifacts
from hinode.engines.remote.retries import send_at_most_once, send_idempotent

_CANCEL_SECONDS = 10.0
_RENDER_SHARE = 0.97
# Statuses of a server without a way to stop a job, or one that has forgotten it.
_NOT_CANCELABLE = frozenset({404, 405, 501})

log = structlog.get_logger("hinode.upstream")


class HostedEngine:
    """A provider as an engine: one video per job.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: HostedSettings, provider: Provider) -> None:
        self._name = name
        self._provider = provider
        longest = settings.max_response_bytes
        self._upstream = create_client(name, settings, provider.headers, longest)
        self._poll_policy = poll_policy_from(settings)
        self._results = result_limits_from(settings)
        self._backoff = settings.retry_backoff_seconds
        self._callbacks = _callbacks(name, settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities of the provider."""
        return self._provider.capabilities()

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Create the job; repeat an uncertain create only where the provider is idempotent.

        Raises :class:`UpstreamError`.
        """
        url = None if self._callbacks is None else self._callbacks.url_for(spec.job_id)
        call = await asyncio.to_thread(self._provider.create, spec, url)
        async with self._upstream.connected():
            response = await self._send_create(call)
        ticket = self._provider.accepted(response, spec)
        log.info("job submitted upstream", engine=self._name, remote_id=ticket[ID])
        return Ticket(ticket)

    async def _send_create(self, call: Call) -> UpstreamResponse:
        provider = self._provider
        if provider.idempotent:
            return await send_idempotent(
                lambda: self._send(call), self._backoff, rejected=provider.rejected
            )
        return await send_at_most_once(
            lambda: self._send(call), self._backoff, may_resend=provider.may_resend
        )

    async def _send(self, call: Call) -> UpstreamResponse:
        return await self._upstream.call(
            call.method, call.path, json=call.json, headers=call.headers
        )

    def notify(self, token: str) -> bool:
        """Poll the job of a callback's token at once; False for a token that is not ours."""
        return self._callbacks is not None and self._callbacks.notify(token)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the job and download its video. Raises :class:`UpstreamError`."""
        path = context.workdir / "video-0.mp4"
        async with self._upstream.connected():
            result = await self._wait_for_job(ticket.data, context)
            try:
                await self._download(result, path)
            except ResultMissing:
                # Links last a day: get a new one if it expired while we were stopped.
                result = await self._wait_for_job(ticket.data, context)
                await self._download_again(result, path)
            video, *others = await video_artifacts(path, 0, context.workdir, self._results)
            details = result.details
            told = replace(video, cost=details.get(COST), credits=details.get(CREDITS))
            return [told, *others]

    async def _wait_for_job(self, ticket: TicketData, context: RenderContext) -> PollResult:
        if self._callbacks is None:
            return await self._poll(ticket, context)
        with self._callbacks.waiting_for(context.spec.job_id) as notified:
            return await restart_on(notified, lambda: self._poll(ticket, context))

    async def _poll(self, ticket: TicketData, context: RenderContext) -> PollResult:
        return await wait_for(
            lambda: self._poll_once(ticket),
            lambda done: context.report(done * _RENDER_SHARE),
            self._poll_policy,
        )

    async def _poll_once(self, ticket: TicketData) -> PollResult:
        provider = self._provider
        result = provider.poll_result(await self._look(provider.poll(ticket)), ticket)
        follow = provider.follow(ticket) if result.status is RemoteStatus.COMPLETED else None
        return result if follow is None else provider.followed(await self._look(follow), ticket)

    async def _look(self, call: Call) -> UpstreamResponse:
        try:
            return await self._send(call)
        except (RequestNotSent, OutcomeUnknown) as error:
            raise PollError(UpstreamError(FailureKind.UNREACHABLE)) from error
        except InvalidResponse as error:
            raise PollError(error_from_exception(error), serious=True) from error

    async def _download(self, result: PollResult, path: Path) -> None:
        data = result.details.get(DATA)
        if data is not None:
            await asyncio.to_thread(path.write_bytes, data)
            return
        urls = result.details[URLS]
        if not urls:
            raise UpstreamError(FailureKind.BAD_RESULT, "The job is completed and names no video.")
        await download_url(self._upstream, urls[0], path, self._results)

    async def _download_again(self, result: PollResult, path: Path) -> None:
        try:
            await self._download(result, path)
        except ResultMissing as error:
            raise UpstreamError(FailureKind.BAD_RESULT, "Its address has no file.") from error

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the job there, if the provider can; only log errors."""
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                response = await send_idempotent(
                    lambda: self._cancel_remote(ticket.data), self._backoff
                )
        except (TimeoutError, EngineError) as error:
            log.warning("upstream cancel failed", engine=self._name, reason=str(error))
            return
        if not response.ok and response.status not in _NOT_CANCELABLE:
            log.warning("upstream cancel failed", engine=self._name, status=response.status)

    async def _cancel_remote(self, ticket: TicketData) -> UpstreamResponse:
        """Stop a job that runs; stopping one that has ended would delete its video."""
        seen = await self._send(self._provider.poll(ticket))
        status: RemoteStatus | None = None
        with suppress(PollError, UpstreamError):
            status = self._provider.poll_result(seen, ticket).status
        if status is not None and status.ended:
            return seen
        call = self._provider.stop(ticket, status)
        return seen if call is None else await self._send(call)


def _callbacks(name: str, settings: HostedSettings) -> CallbackRegistry | None:
    if not settings.callback_base_url:
        return None
    secret = settings.secret()
    if not secret:
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': callback_base_url needs a key, which signs the callback URLs.",
        )
    return CallbackRegistry(settings.callback_base_url, name, secret)
