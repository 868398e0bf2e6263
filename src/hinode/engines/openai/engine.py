"""The engine for any server with ``/v1/videos``: OpenAI's shape, and how others deviate from it."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

from hinode.engines.base import (
    Artifact,
    Capabilities,
    EngineError,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.openai.answers import accepted_id, sight_of
from hinode.engines.openai.profiles import PROFILES, Content, Profile
from hinode.engines.openai.requests import Create, There, create_request
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.remote.failures import Fault, UpstreamError, of_exception
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent, segment
from hinode.engines.remote.opening import open_upstream, pace_of, result_limits_of
from hinode.engines.remote.polling import NotSeen, Sight, wait_for
from hinode.engines.remote.results import NotThere, download, download_url, video_artifacts
from hinode.engines.remote.sending import send_again, send_once

_ID = "id"
_CANCEL_SECONDS = 10.0
_CANCEL_TRIES = 6
_RENDERED = 0.97

log = structlog.get_logger("hinode.upstream")


class OpenAIEngine:
    """An upstream with ``/v1/videos`` as an engine.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: OpenAIEngineSettings) -> None:
        self._name = name
        self._settings = settings
        self._profile: Profile = PROFILES[settings.profile]
        self._upstream = open_upstream(name, settings)
        self._pace = pace_of(settings)
        self._results = result_limits_of(settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and answers."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Videos, from a first frame too; the actions that the profile has."""
        settings, profile = self._settings, self._profile
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=True,
            audio=False,
            description=settings.description or "Renders on another server.",
            licence=settings.licence or "as the other server says",
            origin=settings.signed_origin,
            actions=profile.actions,
            max_outputs=profile.max_outputs,
            submit_again=profile.idempotent,
            exact=False,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Make the job there. Raises :class:`UpstreamError`; an uncertain one is not sent again."""
        answer = await self._asked(spec)
        if answer.status == 404 and spec.parent is not None:
            # The parent's record has gone there; its file will do.
            answer = await self._asked(replace(spec, parent=None))
        remote_id = accepted_id(answer)
        log.info("submitted", engine=self._name, remote_id=remote_id)
        return Ticket({_ID: remote_id})

    async def _asked(self, spec: RenderSpec) -> Answer:
        with tempfile.TemporaryDirectory(prefix="hinode-upstream-") as folder:
            create = await asyncio.to_thread(self._create, spec, Path(folder))
            send = send_again if self._profile.idempotent else send_once
            async with self._upstream.connected():
                return await send(lambda: self._send(create, spec))

    def _create(self, spec: RenderSpec, folder: Path) -> Create:
        there = There(self._model(spec), self._settings.extra)
        # A ticket of another kind of engine, which had this name before, has no such id.
        parent = None if spec.parent is None else spec.parent.data.get(_ID)
        known = parent if isinstance(parent, str) else None
        return create_request(spec, self._profile, there, folder, known)

    def _model(self, spec: RenderSpec) -> str:
        """Return the model's name there: as the operator says, else ours where one is needed.

        A server left without a name would render its default, whatever was asked for.
        """
        named = spec.model or self._settings.model
        return named if named or self._profile.one_model else spec.own_model or ""

    async def _send(self, create: Create, spec: RenderSpec) -> Answer:
        headers = {"idempotency-key": str(spec.job_id)}
        return await self._upstream.call(
            "POST", create.path, form=create.form, json=create.json, headers=headers
        )

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the job, and bring its videos in. Raises :class:`UpstreamError`."""
        remote_id = str(ticket.data[_ID])
        async with self._upstream.connected():
            sight = await wait_for(
                lambda: self._look(remote_id),
                lambda done: context.report(done * _RENDERED),
                self._pace,
            )
            found: list[Artifact] = []
            for output in range(context.spec.outputs):
                path = context.workdir / f"video-{output}.mp4"
                await self._bring(remote_id, output, sight.facts.get("urls", []), path)
                found += await video_artifacts(path, output, context.workdir, self._results)
        return found

    async def _look(self, remote_id: str) -> Sight:
        try:
            answer = await self._upstream.call("GET", f"/videos/{segment(remote_id)}")
        except (NotSent, Ambiguous) as error:
            raise NotSeen(UpstreamError(Fault.UNSENT)) from error
        except BadAnswer as error:
            raise NotSeen(of_exception(error), grave=True) from error
        return sight_of(answer, remote_id, self._profile)

    async def _bring(self, remote_id: str, output: int, urls: list[str], path: Path) -> None:
        """Download one output from ``/content``, else from where the job says that it lies."""
        place = f"/videos/{segment(remote_id)}/content"
        query = {} if self._profile.content is Content.ONLY else {self._content: str(output)}
        try:
            await download(self._upstream, place, path, self._results, **query)
        except NotThere as error:
            if output >= len(urls):
                raise error.error from error
            await self._bring_url(urls[output], path)

    async def _bring_url(self, url: str, path: Path) -> None:
        try:
            await download_url(self._upstream, url, path, self._results)
        except NotThere as error:
            raise error.error from error

    @property
    def _content(self) -> str:
        return self._profile.content.value

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the job there, where that can be done; trouble on the way is only logged."""
        if not self._profile.deletes:
            return
        path = f"/videos/{segment(str(ticket.data[_ID]))}"
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                answer = await send_again(
                    lambda: self._upstream.call("DELETE", path), untaken=_CANCEL_TRIES
                )
        except (TimeoutError, EngineError) as error:
            log.warning("not canceled there", engine=self._name, reason=str(error))
            return
        if not answer.ok and answer.status != 404:
            log.warning("not canceled there", engine=self._name, status=answer.status)
