"""Parse HTTP responses of the dialect: JSON of a success, a failure of the others.

The shapes of failures are from captured traffic and clients: ``error`` is an object with ``code``
and ``message``, an exhausted quota is at the top level, and an overload only a sentence. Other
servers send ``detail`` or ``message`` or plain text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from hinode.engines.sora import errors
from hinode.engines.sora.errors import SoraClientError, SoraInvalidResponse
from hinode.engines.sora.sanitize import sanitize

QUOTA_EXHAUSTED_CODE = "rate_limit_exhausted"
_BY_STATUS: Mapping[int, type[SoraClientError]] = {
    HTTPStatus.UNAUTHORIZED: errors.TokenInvalid,
    HTTPStatus.NOT_FOUND: errors.ResourceNotFound,
    HTTPStatus.TOO_MANY_REQUESTS: errors.RateLimited,
}
_BY_CODE: Mapping[str, type[SoraClientError]] = {
    "token_expired": errors.TokenExpired,
    "token_invalidated": errors.TokenInvalid,
    "login_refused": errors.TokenInvalid,
    "invalid_grant": errors.TokenInvalid,
    "not_activated": errors.AccountNotActivated,
    "heavy_load": errors.ServerOverloaded,
    "too_many_concurrent_tasks": errors.TooManyTasks,
    QUOTA_EXHAUSTED_CODE: errors.QuotaExhausted,
}
_BY_PHRASE: Mapping[str, type[SoraClientError]] = {
    "under heavy load": errors.ServerOverloaded,
    "generations in progress": errors.TooManyTasks,
    "already generated": errors.QuotaExhausted,
}


@dataclass(frozen=True, slots=True)
class SoraResponse:
    """Status, body and the seconds of ``Retry-After`` of one response."""

    status: int
    body: bytes
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _ErrorBody:
    """An error body: its code and message, and its other fields."""

    code: str | None = None
    message: str | None = None
    balance: Mapping[str, object] | None = None


def read_json(response: SoraResponse, *, allow_empty: bool = False) -> object:
    """Return the JSON of a successful response. Raises :class:`SoraInvalidResponse`."""
    if not response.body.strip() and allow_empty:
        return {}
    try:
        value: object = json.loads(response.body, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        what = "a web page" if response.body.lstrip()[:1] == b"<" else "no JSON"
        raise SoraInvalidResponse(
            f"The server answered with {what}; is its base URL right?",
            status=response.status,
            may_have_executed=True,
        ) from None
    return value


def error_from_response(response: SoraResponse, secrets: Sequence[str] = ()) -> SoraClientError:
    """Return the failure of a response that is no success."""
    if response.status < 400:
        return SoraInvalidResponse(
            f"The server answered with status {response.status} and no result; redirects are not "
            "followed: name its final base URL.",
            status=response.status,
            may_have_executed=True,
        )
    error_body = _read_error(response)
    message = f"The server answered with status {response.status}."
    failure = _error_class(response.status, error_body)(
        sanitize(error_body.message, secrets) if error_body.message else message,
        code=sanitize(error_body.code, secrets) if error_body.code else None,
        status=response.status,
        retry_after=response.retry_after,
    )
    # A gateway's 502 or 504 leaves open what the server behind it did.
    failure.may_have_executed = isinstance(failure, errors.ServerError)
    if isinstance(failure, errors.QuotaExhausted):
        failure.resets_in = _resets_in(error_body, response.retry_after)
    return failure


def _error_class(status: int, error_body: _ErrorBody) -> type[SoraClientError]:
    known = _BY_CODE.get(error_body.code or "")
    if known is not None:
        return known
    message = (error_body.message or "").lower()
    for sentence, kind in _BY_PHRASE.items():
        if sentence in message:
            return kind
    if status >= 500:
        return errors.ServerError
    return _BY_STATUS.get(status, errors.RequestRejected)


def _read_error(response: SoraResponse) -> _ErrorBody:
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return _ErrorBody()
    if not isinstance(body, dict):
        return _ErrorBody()
    error = body.get("error")
    balance = body.get("rate_limit_and_credit_balance")
    facts = balance if isinstance(balance, dict) else None
    if isinstance(error, dict):
        code = (
            QUOTA_EXHAUSTED_CODE
            if body.get("type") == QUOTA_EXHAUSTED_CODE
            else _text(error.get("code"))
        )
        return _ErrorBody(code or _text(error.get("type")), _text(error.get("message")), facts)
    # OAuth's shape has the code in `error` and the prose beside it (RFC 6749 §5.2).
    prose = _text(body.get("error_description")) or _text(body.get("message"))
    prose = prose or _text(body.get("detail")) or _text(error)
    return _ErrorBody(_text(body.get("type")) or _text(error), prose, facts)


def _resets_in(error_body: _ErrorBody, retry_after: float | None) -> float | None:
    seconds = (error_body.balance or {}).get("access_resets_in_seconds")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= 0:
        return float(seconds) if seconds < 1e9 else retry_after
    return retry_after


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _reject_constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")
