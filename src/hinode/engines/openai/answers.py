"""Reading what servers with ``/v1/videos`` answer; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hinode.engines.openai.profiles import Profile
from hinode.engines.remote.failures import Fault, UpstreamError, of_answer, of_report
from hinode.engines.remote.http import Answer, BadAnswer
from hinode.engines.remote.polling import NotSeen, Sight, Stage, fraction_of, stage_of
from hinode.engines.remote.sending import usable_id

_POLL_AFTER = "openai-poll-after-ms"


def accepted_id(answer: Answer) -> str:
    """Return the id of the job that a create made.

    Raises :class:`UpstreamError` for a refusal, for a job that has failed at once, and for an
    answer without an id: then nobody knows what was made.
    """
    if not answer.ok:
        raise of_answer(answer)
    try:
        body = answer.json()
    except BadAnswer as error:
        raise UpstreamError(Fault.UNCERTAIN, str(error), status=answer.status) from error
    remote_id = usable_id(body.get("id"), answer.status)
    if stage_of(body.get("status")) is Stage.FAILED:
        raise of_report(body.get("error"))
    return remote_id


def sight_of(answer: Answer, remote_id: str, profile: Profile) -> Sight:
    """Return what a look at a job shows.

    A job is believed whatever the HTTP status is: vLLM-Omni answers for a failed one with the
    status of its failure. Raises :class:`NotSeen` for what is no job, and
    :class:`UpstreamError` when it is another job.
    """
    body = _body(answer)
    stage = stage_of(body.get("status"))
    if stage is None or "id" not in body:
        raise _no_job(answer, body)
    if profile.stable_ids and body["id"] != remote_id:
        raise UpstreamError(Fault.SERVER, "It reported another job in place of this one.")
    failure = of_report(body.get("error")) if stage is Stage.FAILED else None
    return Sight(
        stage,
        fraction_of(body.get("progress")),
        _poll_after(answer),
        failure,
        {"urls": urls_in(body)},
    )


def _body(answer: Answer) -> Mapping[str, Any]:
    try:
        return answer.json()
    except BadAnswer as error:
        if answer.ok:
            raise NotSeen(UpstreamError(Fault.SERVER, str(error)), grave=True) from error
        raise _no_job(answer, {}) from error


def _no_job(answer: Answer, body: Mapping[str, Any]) -> NotSeen:
    if answer.status == 404:
        return NotSeen(UpstreamError(Fault.LOST, status=404), grave=True)
    if answer.ok:
        word = body.get("status")
        said = f"It reports a status that nobody knows ({word})." if word else "It sent no job."
        return NotSeen(UpstreamError(Fault.SERVER, said), grave=True)
    error = of_answer(answer)
    passing = answer.status >= 500 or answer.status in (408, 409, 425, 429)
    return NotSeen(error, grave=not passing)


def _poll_after(answer: Answer) -> float | None:
    text = answer.headers.get(_POLL_AFTER, "")
    return int(text) / 1000 if text.isdecimal() and len(text) < 10 else answer.retry_after


def urls_in(body: Mapping[str, Any]) -> list[str]:
    """Return the addresses of results that a job names, output by output."""
    for name in ("urls", "unsigned_urls"):
        found = body.get(name)
        if isinstance(found, list) and found:
            return [one for one in found if isinstance(one, str)]
    url = body.get("url") or body.get("video_url")
    return [url] if isinstance(url, str) else []
