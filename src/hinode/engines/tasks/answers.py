"""Reading what a server of the task API answers; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hinode.engines.remote.failures import Fault, UpstreamError, of_report
from hinode.engines.remote.http import Answer, BadAnswer
from hinode.engines.remote.polling import NotSeen, Sight, Stage, fraction_of, stage_of
from hinode.engines.remote.sending import usable_id
from hinode.engines.tasks.failures import of_refusal

URLS = "urls"
"""The fact of a sight that holds the addresses of the results."""

CANCELED = "canceled"
_PASSING = frozenset({408, 409, 425, 429})


def accepted_id(answer: Answer) -> str:
    """Return the id of the task that a create made.

    Raises :class:`UpstreamError` for a refusal, and for an answer without an id: then nobody
    knows what was made.
    """
    answer = _honest(answer)
    if not answer.ok:
        raise of_refusal(answer)
    try:
        data = answer.json().get("data")
    except BadAnswer as error:
        raise UpstreamError(Fault.UNCERTAIN, str(error), status=answer.status) from error
    found = data.get("taskId") if isinstance(data, Mapping) else None
    return usable_id(found, answer.status)


def says_untaken(answer: Answer) -> bool:
    """Whether an answer to a create says that no task was made."""
    answer = _honest(answer)
    return not answer.ok and of_refusal(answer).untaken


def sight_of(answer: Answer, remote_id: str) -> Sight:
    """Return what a look at a task shows.

    Raises :class:`NotSeen` for what is no task, and :class:`UpstreamError` when it is another one.
    """
    answer = _honest(answer)
    if not answer.ok:
        raise _not_seen(answer)
    try:
        body = answer.json()
    except BadAnswer as error:
        raise NotSeen(UpstreamError(Fault.SERVER, str(error)), grave=True) from error
    stage = stage_of(body.get("status"))
    if stage is None or "id" not in body:
        raise NotSeen(UpstreamError(Fault.SERVER, "It sent no task."), grave=True)
    if body["id"] != remote_id:
        raise UpstreamError(Fault.SERVER, "It reported another task in place of this one.")
    if stage is Stage.FAILED and _is_canceled(body):
        stage = Stage.STOPPED
    failure = of_report(body.get("error")) if stage is Stage.FAILED else None
    progress = fraction_of(body.get("progress"))
    return Sight(stage, progress, answer.retry_after, failure, {URLS: _urls(body)})


def _is_canceled(body: Mapping[str, Any]) -> bool:
    error = body.get("error")
    return isinstance(error, Mapping) and error.get("code") == CANCELED


def _urls(body: Mapping[str, Any]) -> list[str]:
    output = body.get("output")
    found = output.get("urls") if isinstance(output, Mapping) else None
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _not_seen(answer: Answer) -> NotSeen:
    error = of_refusal(answer)
    if answer.status == 404:
        error = UpstreamError(Fault.LOST, status=404)
    passing = answer.status >= 500 or answer.status in _PASSING
    return NotSeen(error, grave=not passing)


def _honest(answer: Answer) -> Answer:
    """Believe a body that says in ``code`` that its 200 is none: ``{"code": 402, "msg": …}``."""
    if answer.status != 200:
        return answer
    try:
        code = answer.json().get("code")
    except BadAnswer:
        return answer
    return replace(answer, status=code) if isinstance(code, int) and 400 <= code < 600 else answer
