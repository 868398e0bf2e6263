"""The engine for any server of the task API: by polling, sooner where it calls back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import structlog

from hinode.engines.base import (
    MAX_LORAS,
    Artifact,
    Capabilities,
    EngineError,
    JobAction,
    MediaKind,
    Parameter,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.remote.callbacks import CallbackRegistry, restart_on
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_exception
from hinode.engines.remote.factory import create_client, poll_policy_from, result_limits_from
from hinode.engines.remote.http import (
    InvalidResponse,
    OutcomeUnknown,
    RequestNotSent,
    UpstreamResponse,
    quote_segment,
)
from hinode.engines.remote.polling import PollError, PollResult, wait_for
from hinode.engines.remote.results import ResultMissing, download_url, video_artifacts
from hinode.engines.remote.retries import send_at_most_once, send_idempotent
from hinode.engines.tasks.requests import create_body
from hinode.engines.tasks.responses import URLS, accepted_id, is_rejection, parse_poll
from hinode.engines.tasks.settings import TasksEngineSettings

_ID = "id"
_GENERATIONS = "/videos/generations"
_CANCEL_SECONDS = 10.0
_RENDER_SHARE = 0.97
# Statuses of a server without DELETE, or one that has forgotten the task.
_NOT_CANCELABLE = frozenset({404, 405, 501})

log = structlog.get_logger("hinode.upstream")


class TasksEngine:
    """An upstream of the task API as an engine: one video per task, from a first frame too.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: TasksEngineSettings) -> None:
        self._name = name
        self._settings = settings
        self._upstream = create_client(name, settings)
        self._poll_policy = poll_policy_from(settings)
        self._results = result_limits_from(settings)
        self._backoff = settings.retry_backoff_seconds
        self._callbacks = _callbacks(name, settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities: one video at a time, no remix, edit or extension."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=settings.accepts_data_urls,
            audio=False,
            description=settings.description or "Renders on another server.",
            licence=settings.licence or "as the other server says",
            origin=settings.provenance_origin,
            actions=frozenset({JobAction.CREATE}),
            max_outputs=1,
            can_resubmit=settings.idempotent,
            exact_output=False,
            parameters=settings.named_parameters | {Parameter.STYLE},
            extra_params=frozenset(settings.extra_params),
            max_loras=MAX_LORAS,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Create the task; retry an uncertain create only with an idempotency key.

        Raises :class:`UpstreamError`.
        """
        body = await asyncio.to_thread(self._body, spec)
        headers = {"idempotency-key": str(spec.job_id)}

        async def send() -> UpstreamResponse:
            return await self._upstream.call("POST", _GENERATIONS, json=body, headers=headers)

        async with self._upstream.connected():
            if self._settings.idempotent:
                response = await send_idempotent(send, self._backoff, rejected=is_rejection)
            else:
                response = await send_at_most_once(send, self._backoff)
        remote_id = accepted_id(response)
        log.info("job submitted upstream", engine=self._name, remote_id=remote_id)
        return Ticket({_ID: remote_id})

    def _body(self, spec: RenderSpec) -> dict[str, Any]:
        settings = self._settings
        model = spec.model or settings.model or spec.catalog_model or ""
        return create_body(
            spec,
            model,
            settings.extra,
            accepts_data_urls=settings.accepts_data_urls,
            sends_seed=Parameter.SEED in settings.named_parameters,
            callback_url=None if self._callbacks is None else self._callbacks.url_for(spec.job_id),
        )

    def notify(self, token: str) -> bool:
        """Poll the job of a callback's token at once; False for a token that is not ours."""
        return self._callbacks is not None and self._callbacks.notify(token)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the task and download its video. Raises :class:`UpstreamError`."""
        remote_id = str(ticket.data[_ID])
        path = context.workdir / "video-0.mp4"
        async with self._upstream.connected():
            result = await self._wait_for_task(remote_id, context)
            try:
                await self._download(result, path)
            except ResultMissing:
                # Links last a day: get a new one if it expired while we were stopped.
                await self._download_again(await self._wait_for_task(remote_id, context), path)
            return await video_artifacts(path, 0, context.workdir, self._results)

    async def _wait_for_task(self, remote_id: str, context: RenderContext) -> PollResult:
        if self._callbacks is None:
            return await self._poll(remote_id, context)
        with self._callbacks.waiting_for(context.spec.job_id) as notified:
            return await restart_on(notified, lambda: self._poll(remote_id, context))

    async def _poll(self, remote_id: str, context: RenderContext) -> PollResult:
        return await wait_for(
            lambda: self._poll_once(remote_id),
            lambda done: context.report(done * _RENDER_SHARE),
            self._poll_policy,
        )

    async def _poll_once(self, remote_id: str) -> PollResult:
        try:
            response = await self._request("GET", remote_id)
        except (RequestNotSent, OutcomeUnknown) as error:
            raise PollError(UpstreamError(FailureKind.UNREACHABLE)) from error
        except InvalidResponse as error:
            raise PollError(error_from_exception(error), serious=True) from error
        return parse_poll(response, remote_id)

    async def _request(self, method: str, remote_id: str) -> UpstreamResponse:
        return await self._upstream.call(method, f"/tasks/{quote_segment(remote_id)}")

    async def _download(self, result: PollResult, path: Path) -> None:
        urls = result.details[URLS]
        if not urls:
            raise UpstreamError(FailureKind.BAD_RESULT, "The task is completed and names no video.")
        await download_url(self._upstream, urls[0], path, self._results)

    async def _download_again(self, result: PollResult, path: Path) -> None:
        try:
            await self._download(result, path)
        except ResultMissing as error:
            raise UpstreamError(FailureKind.BAD_RESULT, "Its address has no file.") from error

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the task there, if the server can; only log errors."""
        remote_id = str(ticket.data[_ID])
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                response = await send_idempotent(
                    lambda: self._cancel_remote(remote_id), self._backoff
                )
        except (TimeoutError, EngineError) as error:
            log.warning("upstream cancel failed", engine=self._name, reason=str(error))
            return
        if not response.ok and response.status not in _NOT_CANCELABLE:
            log.warning("upstream cancel failed", engine=self._name, status=response.status)

    async def _cancel_remote(self, remote_id: str) -> UpstreamResponse:
        """Delete a running task; deleting one that has ended would delete its video."""
        seen = await self._request("GET", remote_id)
        try:
            ended = parse_poll(seen, remote_id).status.ended
        except (PollError, UpstreamError):
            ended = False
        return seen if ended else await self._request("DELETE", remote_id)


def _callbacks(name: str, settings: TasksEngineSettings) -> CallbackRegistry | None:
    if not settings.callback_base_url:
        return None
    secret = settings.secret()
    if not secret:
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': callback_base_url needs a key, which signs the callback URLs.",
        )
    return CallbackRegistry(settings.callback_base_url, name, secret)
