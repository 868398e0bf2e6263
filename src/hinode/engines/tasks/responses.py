"""Parse the responses of a server of the task API; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hinode.engines.hosted.provider import URLS
from hinode.engines.hosted.responses import no_job, poll_body, poll_error
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_job
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.polling import (
    PollResult,
    RemoteStatus,
    parse_progress,
    parse_status,
)
from hinode.engines.remote.retries import validate_remote_id
from hinode.engines.tasks.error_mapping import error_from_rejection

CANCELED = "canceled"


def accepted_id(response: UpstreamResponse) -> str:
    """Return the id of the created task.

    Raises :class:`UpstreamError` for a rejection, and for a response without an id, which leaves
    open what was created.
    """
    response = _with_body_status(response)
    if not response.ok:
        raise error_from_rejection(response)
    try:
        data = response.json().get("data")
    except InvalidResponse as error:
        raise UpstreamError(FailureKind.UNCERTAIN, str(error), status=response.status) from error
    found = data.get("taskId") if isinstance(data, Mapping) else None
    return validate_remote_id(found, response.status)


def is_rejection(response: UpstreamResponse) -> bool:
    """Return whether the response to a create says that no task was created."""
    response = _with_body_status(response)
    return not response.ok and error_from_rejection(response).not_accepted


def parse_poll(response: UpstreamResponse, remote_id: str) -> PollResult:
    """Return the result of a poll.

    Raises :class:`PollError` for what is no task, and :class:`UpstreamError` when it is another
    one.
    """
    response = _with_body_status(response)
    if not response.ok:
        raise poll_error(response, error_from_rejection(response))
    body = poll_body(response)
    remote_status = parse_status(body.get("status"))
    if remote_status is None or "id" not in body:
        raise no_job("It sent no task.")
    if body["id"] != remote_id:
        raise UpstreamError(
            FailureKind.SERVER_ERROR, "It reported another task in place of this one."
        )
    if remote_status is RemoteStatus.FAILED and _is_canceled(body):
        remote_status = RemoteStatus.CANCELED
    failure = error_from_job(body.get("error")) if remote_status is RemoteStatus.FAILED else None
    progress = parse_progress(body.get("progress"))
    return PollResult(remote_status, progress, response.retry_after, failure, {URLS: _urls(body)})


def _is_canceled(body: Mapping[str, Any]) -> bool:
    error = body.get("error")
    return isinstance(error, Mapping) and error.get("code") == CANCELED


def _urls(body: Mapping[str, Any]) -> list[str]:
    output = body.get("output")
    found = output.get("urls") if isinstance(output, Mapping) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _with_body_status(response: UpstreamResponse) -> UpstreamResponse:
    """Take the status from ``code`` of the body if HTTP says 200: ``{"code": 402, "msg": …}``."""
    if response.status != 200:
        return response
    try:
        code = response.json().get("code")
    except InvalidResponse:
        return response
    return (
        replace(response, status=code) if isinstance(code, int) and 400 <= code < 600 else response
    )
