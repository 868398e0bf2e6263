"""Parse the responses of servers with ``/v1/videos``; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.openai.profiles import ServerProfile
from hinode.engines.remote.errors import (
    FailureKind,
    UpstreamError,
    error_from_job,
    error_from_response,
)
from hinode.engines.remote.http import InvalidResponse, UpstreamResponse
from hinode.engines.remote.polling import (
    PollError,
    PollResult,
    RemoteStatus,
    parse_progress,
    parse_status,
)
from hinode.engines.remote.retries import validate_remote_id

_POLL_AFTER_HEADER = "openai-poll-after-ms"


def accepted_id(response: UpstreamResponse) -> str:
    """Return the id of the created job.

    Raises :class:`UpstreamError` for a rejection, for a job that failed at once, and for a response
    without an id, which leaves open what was created.
    """
    if not response.ok:
        raise error_from_response(response)
    try:
        body = response.json()
    except InvalidResponse as error:
        raise UpstreamError(FailureKind.UNCERTAIN, str(error), status=response.status) from error
    remote_id = validate_remote_id(body.get("id"), response.status)
    if parse_status(body.get("status")) is RemoteStatus.FAILED:
        raise error_from_job(body.get("error"))
    return remote_id


def parse_poll(response: UpstreamResponse, remote_id: str, profile: ServerProfile) -> PollResult:
    """Return the result of a poll.

    The HTTP status does not matter if the body is a job: vLLM-Omni sends a failed one with the
    status of its failure. Raises :class:`PollError` for what is no job, and
    :class:`UpstreamError` when it is another job.
    """
    body = _body(response)
    remote_status = parse_status(body.get("status"))
    if remote_status is None or "id" not in body:
        raise _not_a_job(response, body)
    if profile.has_stable_ids and body["id"] != remote_id:
        raise UpstreamError(
            FailureKind.SERVER_ERROR, "It reported another job in place of this one."
        )
    failure = error_from_job(body.get("error")) if remote_status is RemoteStatus.FAILED else None
    return PollResult(
        remote_status,
        parse_progress(body.get("progress")),
        _retry_after(response),
        failure,
        {"urls": result_urls(body)},
    )


def _body(response: UpstreamResponse) -> Mapping[str, Any]:
    try:
        return response.json()
    except InvalidResponse as error:
        if response.ok:
            raise PollError(
                UpstreamError(FailureKind.SERVER_ERROR, str(error)), serious=True
            ) from error
        raise _not_a_job(response, {}) from error


def _not_a_job(response: UpstreamResponse, body: Mapping[str, Any]) -> PollError:
    if response.status == 404:
        return PollError(UpstreamError(FailureKind.LOST, status=404), serious=True)
    if response.ok:
        word = body.get("status")
        said = f"It reports an unknown status ({word})." if word else "It sent no job."
        return PollError(UpstreamError(FailureKind.SERVER_ERROR, said), serious=True)
    error = error_from_response(response)
    transient = response.status >= 500 or response.status in (408, 409, 425, 429)
    return PollError(error, serious=not transient)


def _retry_after(response: UpstreamResponse) -> float | None:
    text = response.headers.get(_POLL_AFTER_HEADER, "")
    return int(text) / 1000 if text.isdecimal() and len(text) < 10 else response.retry_after


def result_urls(body: Mapping[str, Any]) -> list[str]:
    """Return the URLs of a job's results, output by output."""
    for name in ("urls", "unsigned_urls"):
        found = body.get(name)
        if isinstance(found, list) and found:
            return [one for one in found if isinstance(one, str)]
    url = body.get("url") or body.get("video_url")
    return [url] if isinstance(url, str) else []
