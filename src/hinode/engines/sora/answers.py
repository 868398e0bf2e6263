"""Reads whole HTTP answers of the dialect: JSON out of the good ones, a failure out of the others.

How failures look was seen in captured traffic and in clients: ``error`` is an object with ``code``
and ``message``, an exhausted quota is told at the top level, and the load only by a sentence.
Other members of the family answer ``detail`` or ``message`` or a bare text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from hinode.engines.sora import failures
from hinode.engines.sora.cleaning import clean
from hinode.engines.sora.failures import BadAnswer, SoraFailure

EXHAUSTED = "rate_limit_exhausted"
_BY_STATUS: Mapping[int, type[SoraFailure]] = {
    HTTPStatus.UNAUTHORIZED: failures.AuthInvalid,
    HTTPStatus.NOT_FOUND: failures.NotFound,
    HTTPStatus.TOO_MANY_REQUESTS: failures.TooOften,
}
_BY_CODE: Mapping[str, type[SoraFailure]] = {
    "token_expired": failures.AuthExpired,
    "token_invalidated": failures.AuthInvalid,
    "login_refused": failures.AuthInvalid,
    "invalid_grant": failures.AuthInvalid,
    "not_activated": failures.NotActivated,
    "heavy_load": failures.Overloaded,
    "too_many_concurrent_tasks": failures.TooManyTasks,
    EXHAUSTED: failures.QuotaExhausted,
}
_BY_SENTENCE: Mapping[str, type[SoraFailure]] = {
    "under heavy load": failures.Overloaded,
    "generations in progress": failures.TooManyTasks,
    "already generated": failures.QuotaExhausted,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the seconds of ``Retry-After`` of one answer."""

    status: int
    body: bytes
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What an error body says: its code and message, and the facts beside them."""

    code: str | None = None
    message: str | None = None
    balance: Mapping[str, object] | None = None


def read_json(answer: Answer, *, empty_is_fine: bool = False) -> object:
    """Return the JSON of an answer of success. Raises :class:`BadAnswer`."""
    if not answer.body.strip() and empty_is_fine:
        return {}
    try:
        value: object = json.loads(answer.body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        what = "a web page" if answer.body.lstrip()[:1] == b"<" else "no JSON"
        raise BadAnswer(
            f"The server answered with {what}; is its base URL right?",
            status=answer.status,
            may_have_run=True,
        ) from None
    return value


def failure_of(answer: Answer, secrets: Sequence[str] = ()) -> SoraFailure:
    """Return the failure that an answer other than success means."""
    if answer.status < 400:
        return BadAnswer(
            f"The server answered with status {answer.status} and no result; redirects are not "
            "followed: name its final base URL.",
            status=answer.status,
            may_have_run=True,
        )
    said = _read_error(answer)
    message = f"The server answered with status {answer.status}."
    failure = _kind(answer.status, said)(
        clean(said.message, secrets) if said.message else message,
        code=clean(said.code, secrets) if said.code else None,
        status=answer.status,
        retry_after=answer.retry_after,
    )
    # A gateway's 502 or 504 tells nothing about what the server behind it did.
    failure.may_have_run = isinstance(failure, failures.ServerFailed)
    if isinstance(failure, failures.QuotaExhausted):
        failure.resets_in = _resets_in(said, answer.retry_after)
    return failure


def _kind(status: int, said: _Said) -> type[SoraFailure]:
    known = _BY_CODE.get(said.code or "")
    if known is not None:
        return known
    message = (said.message or "").lower()
    for sentence, kind in _BY_SENTENCE.items():
        if sentence in message:
            return kind
    if status >= 500:
        return failures.ServerFailed
    return _BY_STATUS.get(status, failures.Refused)


def _read_error(answer: Answer) -> _Said:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return _Said()
    if not isinstance(body, dict):
        return _Said()
    error = body.get("error")
    balance = body.get("rate_limit_and_credit_balance")
    facts = balance if isinstance(balance, dict) else None
    if isinstance(error, dict):
        code = EXHAUSTED if body.get("type") == EXHAUSTED else _text(error.get("code"))
        return _Said(code or _text(error.get("type")), _text(error.get("message")), facts)
    # OAuth's shape has the code in `error` and the prose beside it (RFC 6749 §5.2).
    prose = _text(body.get("error_description")) or _text(body.get("message"))
    prose = prose or _text(body.get("detail")) or _text(error)
    return _Said(_text(body.get("type")) or _text(error), prose, facts)


def _resets_in(said: _Said, retry_after: float | None) -> float | None:
    seconds = (said.balance or {}).get("access_resets_in_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= 0:
        return float(seconds) if seconds < 1e9 else retry_after
    return retry_after


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")
