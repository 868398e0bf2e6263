"""The engine for any server of the task API: by polling, sooner where it calls back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import structlog

from hinode.engines.base import (
    Artifact,
    Capabilities,
    EngineError,
    JobAction,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.remote.calling_back import Doorbell, anew_when
from hinode.engines.remote.failures import Fault, UpstreamError, of_exception
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent, segment
from hinode.engines.remote.opening import open_upstream, pace_of, result_limits_of
from hinode.engines.remote.polling import NotSeen, Sight, wait_for
from hinode.engines.remote.results import NotThere, download_url, video_artifacts
from hinode.engines.remote.sending import send_again, send_once
from hinode.engines.tasks.answers import URLS, accepted_id, says_untaken, sight_of
from hinode.engines.tasks.requests import create_body
from hinode.engines.tasks.settings import TasksEngineSettings

_ID = "id"
_GENERATIONS = "/videos/generations"
_CANCEL_SECONDS = 10.0
_RENDERED = 0.97
# What a server without DELETE answers, or one that has forgotten the task.
_NOTHING_TO_STOP = frozenset({404, 405, 501})

log = structlog.get_logger("hinode.upstream")


class TasksEngine:
    """An upstream of the task API as an engine: one video per task, from a first frame too.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: TasksEngineSettings) -> None:
        self._name = name
        self._settings = settings
        self._upstream = open_upstream(name, settings)
        self._pace = pace_of(settings)
        self._results = result_limits_of(settings)
        self._bell = _bell(name, settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and answers."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Videos, one at a time; nothing is made from them there."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=settings.data_urls,
            audio=False,
            description=settings.description or "Renders on another server.",
            licence=settings.licence or "as the other server says",
            origin=settings.signed_origin,
            actions=frozenset({JobAction.CREATE}),
            max_outputs=1,
            submit_again=settings.idempotent,
            exact=False,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Make the task. Raises :class:`UpstreamError`; an uncertain one is sent again only where
        the server honours the key that goes along.
        """
        body = await asyncio.to_thread(self._body, spec)
        headers = {"idempotency-key": str(spec.job_id)}

        async def send() -> Answer:
            return await self._upstream.call("POST", _GENERATIONS, json=body, headers=headers)

        async with self._upstream.connected():
            if self._settings.idempotent:
                answer = await send_again(send, refused=says_untaken)
            else:
                answer = await send_once(send)
        remote_id = accepted_id(answer)
        log.info("submitted", engine=self._name, remote_id=remote_id)
        return Ticket({_ID: remote_id})

    def _body(self, spec: RenderSpec) -> dict[str, Any]:
        settings = self._settings
        model = spec.model or settings.model or spec.own_model or ""
        return create_body(
            spec,
            model,
            settings.extra,
            data_urls=settings.data_urls,
            callback_url=None if self._bell is None else self._bell.address(spec.job_id),
        )

    def ring(self, token: str) -> bool:
        """Look at the job of a callback's token at once; False for a token that is not ours."""
        return self._bell is not None and self._bell.ring(token)

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the task, and bring its video in. Raises :class:`UpstreamError`."""
        remote_id = str(ticket.data[_ID])
        path = context.workdir / "video-0.mp4"
        async with self._upstream.connected():
            sight = await self._wait(remote_id, context)
            try:
                await self._bring(sight, path)
            except NotThere:
                # Links last a day: one that has expired in a pause of ours is made anew.
                await self._bring_again(await self._wait(remote_id, context), path)
            return await video_artifacts(path, 0, context.workdir, self._results)

    async def _wait(self, remote_id: str, context: RenderContext) -> Sight:
        if self._bell is None:
            return await self._poll(remote_id, context)
        with self._bell.heard(context.spec.job_id) as rung:
            return await anew_when(rung, lambda: self._poll(remote_id, context))

    async def _poll(self, remote_id: str, context: RenderContext) -> Sight:
        return await wait_for(
            lambda: self._look(remote_id),
            lambda done: context.report(done * _RENDERED),
            self._pace,
        )

    async def _look(self, remote_id: str) -> Sight:
        try:
            answer = await self._ask("GET", remote_id)
        except (NotSent, Ambiguous) as error:
            raise NotSeen(UpstreamError(Fault.UNSENT)) from error
        except BadAnswer as error:
            raise NotSeen(of_exception(error), grave=True) from error
        return sight_of(answer, remote_id)

    async def _ask(self, method: str, remote_id: str) -> Answer:
        return await self._upstream.call(method, f"/tasks/{segment(remote_id)}")

    async def _bring(self, sight: Sight, path: Path) -> None:
        urls = sight.facts[URLS]
        if not urls:
            raise UpstreamError(Fault.RESULT, "The task is completed and names no video.")
        await download_url(self._upstream, urls[0], path, self._results)

    async def _bring_again(self, sight: Sight, path: Path) -> None:
        try:
            await self._bring(sight, path)
        except NotThere as error:
            raise UpstreamError(Fault.RESULT, "Its address has no file.") from error

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the task there, where that can be done; trouble on the way is only logged."""
        remote_id = str(ticket.data[_ID])
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                answer = await send_again(lambda: self._stop(remote_id))
        except (TimeoutError, EngineError) as error:
            log.warning("not canceled there", engine=self._name, reason=str(error))
            return
        if not answer.ok and answer.status not in _NOTHING_TO_STOP:
            log.warning("not canceled there", engine=self._name, status=answer.status)

    async def _stop(self, remote_id: str) -> Answer:
        """Delete a task that still goes on: deleting one that has ended would destroy it."""
        seen = await self._ask("GET", remote_id)
        try:
            ended = sight_of(seen, remote_id).stage.ended
        except (NotSeen, UpstreamError):
            ended = False
        return seen if ended else await self._ask("DELETE", remote_id)


def _bell(name: str, settings: TasksEngineSettings) -> Doorbell | None:
    if not settings.callback_base:
        return None
    secret = settings.secret()
    if not secret:
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': callback_base needs a key, which callbacks are proved by.",
        )
    return Doorbell(settings.callback_base, name, secret)
