"""Calls to one ComfyUI server: its version, its classes of nodes, pictures and jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog

from hinode.engines.base import EngineError
from hinode.engines.comfyui.graph import Graph, to_request
from hinode.engines.comfyui.responses import (
    OLDEST_VERSION,
    check_accepted,
    format_version,
    optional_inputs,
    parse_version,
)
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_response
from hinode.engines.remote.http import (
    FilePart,
    InvalidResponse,
    OutcomeUnknown,
    Part,
    RequestNotSent,
    UpstreamClient,
    UpstreamResponse,
    quote_segment,
)
from hinode.engines.remote.retries import send_idempotent

UPLOAD_FOLDER = "hinode"

log = structlog.get_logger("hinode.upstream")


class ComfyUIServer:
    """One server. ``backoff`` is the first pause in seconds before something is sent again."""

    def __init__(self, client: UpstreamClient, backoff: float) -> None:
        self.client = client
        self._backoff = backoff
        self._is_new_enough = False
        self._optional: dict[str, frozenset[str]] = {}

    async def require_version(self) -> None:
        """Raise :class:`EngineError` for a server that is too old; asked until it is not."""
        if self._is_new_enough:
            return
        found = await self.version()
        if found < OLDEST_VERSION:
            error = EngineError(
                "engine_misconfigured",
                f"ComfyUI {format_version(found) or 'of an unknown version'} renders there; "
                f"{format_version(OLDEST_VERSION)} or newer is needed.",
            )
            error.not_accepted = True
            raise error
        self._is_new_enough = True

    async def version(self) -> tuple[int, ...]:
        """Return its version; empty if it tells none. Raises :class:`UpstreamError`."""
        return parse_version(await self._read("/system_stats"))

    async def class_info(self, class_type: str) -> dict[str, Any]:
        """Return what it tells of a class of nodes; empty for one that it does not have."""
        found = await self._read(f"/object_info/{quote_segment(class_type)}")
        info = found.get(class_type)
        return info if isinstance(info, dict) else {}

    async def optional_inputs(self, class_type: str) -> frozenset[str]:
        """Return the inputs that nodes of a class can do without."""
        if class_type not in self._optional:
            info = {class_type: await self.class_info(class_type)}
            self._optional[class_type] = optional_inputs(info, class_type) or frozenset()
        return self._optional[class_type]

    async def upload(self, path: Path, name: str) -> str:
        """Upload a picture and return its name there; the same one replaces itself.

        Raises :class:`UpstreamError`.
        """
        form: list[Part] = [
            ("image", FilePart(path, name, "image/png")),
            ("type", "input"), ("subfolder", UPLOAD_FOLDER), ("overwrite", "true"),
        ]  # fmt: skip
        response = await send_idempotent(
            lambda: self.client.call("POST", "/upload/image", form=form), self._backoff
        )
        if not response.ok:
            raise error_from_response(response)
        try:
            found = response.json()
            subfolder, stored = found.get("subfolder"), str(found["name"])
        except (InvalidResponse, KeyError) as error:
            raise UpstreamError(FailureKind.SERVER_ERROR, "It did not keep a picture.") from error
        return f"{subfolder}/{stored}" if subfolder else stored

    async def submit(self, prompt_id: str, client_id: str, graph: Graph, output: str) -> None:
        """Run a graph unless the server has it already. Raises :class:`UpstreamError`.

        Each attempt looks first, so that an answer that was lost is not sent for again. Of two that
        cross nevertheless the second takes the result of the first from the cache, which needs the
        same graph and the same ``client_id``.
        """
        body = {"prompt": to_request(graph), "prompt_id": prompt_id, "client_id": client_id}
        attempt = _Submission(self.client, prompt_id, body)
        response = await send_idempotent(attempt.send, self._backoff)
        try:
            check_accepted(response, prompt_id, output)
        except InvalidResponse as error:
            raise UpstreamError(FailureKind.UNCERTAIN, str(error)) from error
        except UpstreamError:
            if response.ok:
                await self.cancel(prompt_id)
            raise
        log.info("job submitted upstream", remote_id=prompt_id)

    async def job(self, prompt_id: str) -> UpstreamResponse:
        """Ask for a job. Raises as :meth:`UpstreamClient.call`."""
        return await self.client.call("GET", _job_path(prompt_id))

    async def cancel(self, prompt_id: str) -> UpstreamResponse:
        """Stop a job that waits or runs; its answer comes before the work stops.

        Raises :class:`UpstreamError`.
        """
        path = f"{_job_path(prompt_id)}/cancel"
        return await send_idempotent(lambda: self.client.call("POST", path), self._backoff)

    async def _read(self, path: str) -> dict[str, Any]:
        """Return what the server tells; raise a failure after which nothing was sent."""
        try:
            response = await self.client.call("GET", path)
            if response.ok:
                return response.json()
        except (RequestNotSent, OutcomeUnknown, InvalidResponse) as error:
            raise UpstreamError(FailureKind.UNREACHABLE) from error
        failure = error_from_response(response)
        raise failure if failure.not_accepted else UpstreamError(FailureKind.UNREACHABLE)


class _Submission:
    """The attempts to run one graph: only what was posted may have arrived."""

    def __init__(self, client: UpstreamClient, prompt_id: str, body: dict[str, Any]) -> None:
        self._client = client
        self._path = _job_path(prompt_id)
        self._body = body
        self._posted = False

    async def send(self) -> UpstreamResponse:
        """Return the job that is there, else the answer of ``/prompt``."""
        seen = await self._look()
        if seen.status != 404:
            return seen
        self._posted = True
        response = await self._client.call("POST", "/prompt", json=self._body)
        return _expect_json(response)

    async def _look(self) -> UpstreamResponse:
        try:
            seen = _expect_json(await self._client.call("GET", self._path))
        except (OutcomeUnknown, InvalidResponse) as error:
            if self._posted:
                raise
            raise RequestNotSent(str(error)) from error
        if seen.status >= 500 and not self._posted:
            raise RequestNotSent("It does not work properly.")
        return seen


def _expect_json(response: UpstreamResponse) -> UpstreamResponse:
    """Return the response. Raises :class:`InvalidResponse` for a good one without JSON."""
    if response.ok:
        response.json()
    return response


def _job_path(prompt_id: str) -> str:
    return f"/api/jobs/{quote_segment(prompt_id)}"
