"""The engine for any server with ``/v1/videos``: OpenAI's shape, and how others deviate from it."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

from hinode.engines.base import (
    MAX_LORAS,
    Artifact,
    Capabilities,
    EngineError,
    MediaKind,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.engines.openai.profiles import PROFILES, OutputSelector, ServerProfile
from hinode.engines.openai.requests import CreateRequest, ServerModel, create_request
from hinode.engines.openai.responses import accepted_id, parse_poll
from hinode.engines.openai.settings import OpenAIEngineSettings
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
from hinode.engines.remote.results import ResultMissing, download, download_url, video_artifacts
from hinode.engines.remote.retries import send_at_most_once, send_idempotent

_ID = "id"
_CANCEL_SECONDS = 10.0
_CANCEL_TRIES = 6
_RENDER_SHARE = 0.97

log = structlog.get_logger("hinode.upstream")


class OpenAIEngine:
    """An upstream with ``/v1/videos`` as an engine.

    Raises :class:`EngineError` when its settings cannot be used.
    """

    def __init__(self, name: str, settings: OpenAIEngineSettings) -> None:
        self._name = name
        self._settings = settings
        self._backoff = settings.retry_backoff_seconds
        self._profile: ServerProfile = _profile(settings)
        self._upstream = create_client(name, settings)
        self._poll_policy = poll_policy_from(settings)
        self._results = result_limits_from(settings)

    @property
    def name(self) -> str:
        """The engine's name in settings, models and responses."""
        return self._name

    def capabilities(self) -> Capabilities:
        """Return the capabilities: videos, first frames, and the actions of the profile."""
        settings, profile = self._settings, self._profile
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=True,
            audio=False,
            description=settings.description or "Renders on another server.",
            licence=settings.licence or "as the other server says",
            origin=settings.provenance_origin,
            actions=profile.actions,
            max_outputs=profile.max_outputs,
            can_resubmit=profile.idempotent,
            exact_output=False,
            parameters=profile.parameters,
            extra_params=profile.extra_params | frozenset(settings.extra_params),
            max_loras=1 if profile.one_lora else MAX_LORAS,
            hosted=settings.is_hosted,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Create the job there. Raises :class:`UpstreamError`; never retries an uncertain one."""
        response = await self._send_create(spec)
        if response.status == 404 and spec.parent is not None:
            # The server has forgotten the parent's record: send its file.
            response = await self._send_create(replace(spec, parent=None))
        remote_id = accepted_id(response)
        log.info("job submitted upstream", engine=self._name, remote_id=remote_id)
        return Ticket({_ID: remote_id})

    async def _send_create(self, spec: RenderSpec) -> UpstreamResponse:
        with tempfile.TemporaryDirectory(prefix="hinode-upstream-") as folder:
            create = await asyncio.to_thread(self._create, spec, Path(folder))
            send = send_idempotent if self._profile.idempotent else send_at_most_once
            async with self._upstream.connected():
                return await send(lambda: self._send(create, spec), self._backoff)

    def _create(self, spec: RenderSpec, folder: Path) -> CreateRequest:
        server_model = ServerModel(self._model(spec), self._settings.extra)
        # A ticket of another kind of engine that had this name before has no such id.
        parent = None if spec.parent is None else spec.parent.data.get(_ID)
        known = parent if isinstance(parent, str) else None
        return create_request(spec, self._profile, server_model, folder, known)

    def _model(self, spec: RenderSpec) -> str:
        """Return the model's name there: as configured, else ours where one is needed.

        Without a name a server would render its default model, whatever was requested.
        """
        named = spec.model or self._settings.model
        return named if named or self._profile.single_model else spec.catalog_model or ""

    async def _send(self, create: CreateRequest, spec: RenderSpec) -> UpstreamResponse:
        headers = {"idempotency-key": str(spec.job_id)}
        return await self._upstream.call(
            "POST", create.path, form=create.form, json=create.json, headers=headers
        )

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Wait for the job and download its videos. Raises :class:`UpstreamError`."""
        remote_id = str(ticket.data[_ID])
        async with self._upstream.connected():
            result = await wait_for(
                lambda: self._poll_once(remote_id),
                lambda done: context.report(done * _RENDER_SHARE),
                self._poll_policy,
            )
            found: list[Artifact] = []
            for output in range(context.spec.outputs):
                path = context.workdir / f"video-{output}.mp4"
                await self._download(remote_id, output, result.details.get("urls", []), path)
                found += await video_artifacts(path, output, context.workdir, self._results)
        return found

    async def _poll_once(self, remote_id: str) -> PollResult:
        try:
            response = await self._upstream.call("GET", f"/videos/{quote_segment(remote_id)}")
        except (RequestNotSent, OutcomeUnknown) as error:
            raise PollError(UpstreamError(FailureKind.UNREACHABLE)) from error
        except InvalidResponse as error:
            raise PollError(error_from_exception(error), serious=True) from error
        return parse_poll(response, remote_id, self._profile)

    async def _download(self, remote_id: str, output: int, urls: list[str], path: Path) -> None:
        """Download one output from ``/content``, else from the URL in the job."""
        place = f"/videos/{quote_segment(remote_id)}/content"
        query = (
            {}
            if self._profile.output_selector is OutputSelector.NONE
            else {self._output_query: str(output)}
        )
        try:
            await download(self._upstream, place, path, self._results, **query)
        except ResultMissing as error:
            if output >= len(urls):
                raise error.error from error
            await self._download_url(urls[output], path)

    async def _download_url(self, url: str, path: Path) -> None:
        try:
            await download_url(self._upstream, url, path, self._results)
        except ResultMissing as error:
            raise error.error from error

    @property
    def _output_query(self) -> str:
        return self._profile.output_selector.value

    async def cancel(self, ticket: Ticket) -> None:
        """Stop the job there, if the server can; only log errors."""
        if not self._profile.supports_delete:
            return
        path = f"/videos/{quote_segment(str(ticket.data[_ID]))}"
        try:
            async with asyncio.timeout(_CANCEL_SECONDS), self._upstream.connected():
                response = await send_idempotent(
                    lambda: self._upstream.call("DELETE", path),
                    self._backoff,
                    not_accepted_tries=_CANCEL_TRIES,
                )
        except (TimeoutError, EngineError) as error:
            log.warning("upstream cancel failed", engine=self._name, reason=str(error))
            return
        if not response.ok and response.status != 404:
            log.warning("upstream cancel failed", engine=self._name, status=response.status)


def _profile(settings: OpenAIEngineSettings) -> ServerProfile:
    """Return the profile of a server with the parameters that its operator adds."""
    profile = PROFILES[settings.profile]
    return replace(profile, parameters=profile.parameters | settings.named_parameters)
