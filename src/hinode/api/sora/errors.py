"""Error responses of the Sora dialect.

Clients search the text of responses for ``401``, ``429`` and ``token_invalidated``, so messages
never contain such numbers. ``error`` is always an object, because common clients crash on anything
else. Codes are those of captured traffic and of clients where known, else the defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from hinode.api.errors import (
    BEARER,
    INVALID,
    RATE_LIMIT,
    RETRY,
    UNAUTHENTICATED,
    AnyError,
    ErrorSpec,
    error_response,
    error_table,
)
from hinode.api.request_errors import RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

HEAVY_LOAD = "We're under heavy load, please try again later."
"""The sentence that clients recognise."""

_STATUS_LIKE_NUMBER = re.compile(r"(4)(?=0[013]|29)")
_WITH_WORD_JOINER = "\\1\u2060"
"""A word joiner between the digits: the number looks the same, but does not match a status."""

_RESET_FIELD = "access_resets_in_seconds"
_REMAINING_FIELDS = frozenset({"credit_remaining", "estimated_num_videos_remaining"})
EXHAUSTED = "rate_limit_exhausted"
_DIFFERENCES: dict[ErrorCode | RequestErrorCode, ErrorSpec] = {
    ErrorCode.INVALID_KEY: ErrorSpec(401, "token_invalidated", UNAUTHENTICATED, BEARER),
    ErrorCode.KEY_EXPIRED: ErrorSpec(401, "token_expired", UNAUTHENTICATED, BEARER),
    ErrorCode.KEY_DISABLED: ErrorSpec(401, "token_invalidated", UNAUTHENTICATED, BEARER),
    ErrorCode.RATE_LIMITED: ErrorSpec(429, "too_many_requests", RATE_LIMIT),
    ErrorCode.TOO_MANY_JOBS: ErrorSpec(429, "too_many_concurrent_tasks", RATE_LIMIT),
    ErrorCode.SPEND_LIMIT: ErrorSpec(429, EXHAUSTED, RATE_LIMIT),
    ErrorCode.MODEL_NOT_FOUND: ErrorSpec(400, "model_not_found", INVALID),
    ErrorCode.JOB_NOT_FOUND: ErrorSpec(404, "not_found", INVALID),
    ErrorCode.WEBHOOK_UNREACHABLE: ErrorSpec(400, "invalid_request", INVALID),
    ErrorCode.NAME_TAKEN: ErrorSpec(400, "username_taken", INVALID),
    ErrorCode.NOT_READY: ErrorSpec(400, "not_ready", INVALID),
    ErrorCode.JOB_FAILED: ErrorSpec(400, "generation_failed", INVALID),
    ErrorCode.EXPIRED: ErrorSpec(400, "expired", INVALID),
    ErrorCode.INSUFFICIENT_CREDITS: ErrorSpec(429, EXHAUSTED, RATE_LIMIT),
    ErrorCode.ACCESS_EXPIRED: ErrorSpec(401, "token_expired", UNAUTHENTICATED, BEARER),
    ErrorCode.ACCESS_REVOKED: ErrorSpec(401, "token_invalidated", UNAUTHENTICATED, BEARER),
    ErrorCode.INVALID_CREDENTIALS: ErrorSpec(401, "login_refused", UNAUTHENTICATED),
    ErrorCode.INVALID_GRANT: ErrorSpec(400, "invalid_grant", INVALID),
    ErrorCode.INVITE_INVALID: ErrorSpec(400, "invalid_invite_code", INVALID),
    ErrorCode.NOT_ACTIVATED: ErrorSpec(401, "not_activated", UNAUTHENTICATED),
    ErrorCode.COUNTRY_UNSUPPORTED: ErrorSpec(403, "unsupported_country_code", INVALID),
    ErrorCode.QUOTA_EXHAUSTED: ErrorSpec(429, EXHAUSTED, RATE_LIMIT),
    ErrorCode.OVERLOADED: ErrorSpec(503, "heavy_load", "server_error"),
    ErrorCode.NO_WORKER: ErrorSpec(503, "heavy_load", "server_error", RETRY),
    ErrorCode.CONTENT_BLOCKED: ErrorSpec(400, "content_policy_violation", INVALID),
    ErrorCode.MODERATION_UNAVAILABLE: ErrorSpec(503, "heavy_load", "server_error", RETRY),
    RequestErrorCode.RATE_LIMITED: ErrorSpec(429, "too_many_requests", RATE_LIMIT),
    RequestErrorCode.INTERNAL: ErrorSpec(500, "internal_error", "server_error"),
    RequestErrorCode.UNAVAILABLE: ErrorSpec(503, "heavy_load", "server_error"),
    RequestErrorCode.OUT_OF_SPACE: ErrorSpec(507, "insufficient_storage", "server_error"),
}
ERRORS = error_table(_DIFFERENCES)
_HEAVY_LOAD_CODES = (
    ErrorCode.OVERLOADED,
    ErrorCode.NO_WORKER,
    ErrorCode.MODERATION_UNAVAILABLE,
    RequestErrorCode.UNAVAILABLE,
)


def respond(error: AnyError) -> Response:
    """Return the response to an error."""
    spec = ERRORS[error.code]
    details = error.details if isinstance(error, HinodeError) else {}
    return error_response(error, spec, _body(error, spec, _avoid_status_like_numbers(details)))


def _body(error: AnyError, spec: ErrorSpec, details: Mapping[str, object]) -> dict[str, object]:
    message = str(error)
    if error.code in _HEAVY_LOAD_CODES:
        message = f"{HEAVY_LOAD} {message}"
    members: dict[str, object] = {
        "message": _STATUS_LIKE_NUMBER.sub(_WITH_WORD_JOINER, message),
        "type": spec.type,
        "param": error.param,
        "code": spec.code,
    }
    if details:
        members["details"] = details
    if spec.code != EXHAUSTED:
        return {"error": members}
    # Clients that know quotas read the top level, all others the error.
    return {"type": EXHAUSTED, "rate_limit_and_credit_balance": details, "error": members}


def _avoid_status_like_numbers(details: Mapping[str, object]) -> Mapping[str, object]:
    """Replace a number whose digits contain an HTTP status by the nearest without one.

    A wait becomes longer, what remains less.
    """
    return {
        name: _nearest(value, 1 if name == _RESET_FIELD else -1)
        if isinstance(value, int) and name in {_RESET_FIELD, *_REMAINING_FIELDS}
        else value
        for name, value in details.items()
    }


def _nearest(number: int, step: int) -> int:
    while _STATUS_LIKE_NUMBER.search(str(number)):
        number += step
    return number
