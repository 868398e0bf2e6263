"""The Sora dialect's error envelope, and the total tables from our errors to its words.

Clients of this backend look for ``401``, ``429`` or ``token_invalidated`` anywhere in the text of
an answer, so no message shows them such numbers, whatever it quotes; and ``error`` is always an
object, because widespread clients crash on anything else. Codes are those seen in captured traffic
and in clients where there are any, else ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

_INVALID_REQUEST_ERROR = "invalid_request_error"
_BEARER = {"www-authenticate": "Bearer"}
HEAVY_LOAD = "We're under heavy load, please try again later."
"""The whole sentence that clients look for."""

_STATUS_LIKE_NUMBER = re.compile(r"(4)(?=0[013]|29)")
_WITH_WORD_JOINER = "\\1\u2060"
"""A word joiner between the digits: people see the same number, and programs find no status."""

_RESET_FIELD = "access_resets_in_seconds"


@dataclass(frozen=True, slots=True)
class SoraErrorSpec:
    """How an error looks on the wire: HTTP status, ``code``, ``type``, and headers."""

    status: int
    code: str
    type: str = _INVALID_REQUEST_ERROR
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = SoraErrorSpec(400, "invalid_request")
_NO_TOKEN = SoraErrorSpec(401, "token_invalidated", "authentication_error", _BEARER)
_NOT_FOUND = SoraErrorSpec(404, "not_found")
_RATE_LIMITED = SoraErrorSpec(429, "too_many_requests", "rate_limit_error")
EXHAUSTED = "rate_limit_exhausted"

SERVICE_ERRORS: Mapping[ErrorCode, SoraErrorSpec] = {
    ErrorCode.INVALID_KEY: _NO_TOKEN,
    ErrorCode.KEY_EXPIRED: SoraErrorSpec(401, "token_expired", "authentication_error", _BEARER),
    ErrorCode.KEY_DISABLED: _NO_TOKEN,
    ErrorCode.SCOPE_MISSING: SoraErrorSpec(403, "insufficient_permissions", "permission_error"),
    ErrorCode.IP_NOT_ALLOWED: SoraErrorSpec(403, "ip_not_allowed", "permission_error"),
    ErrorCode.MODEL_NOT_ALLOWED: SoraErrorSpec(403, "model_not_allowed", "permission_error"),
    ErrorCode.RATE_LIMITED: _RATE_LIMITED,
    ErrorCode.TOO_MANY_JOBS: SoraErrorSpec(429, "too_many_concurrent_tasks", "rate_limit_error"),
    ErrorCode.SPEND_LIMIT: SoraErrorSpec(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.INVALID_VALUE: _INVALID,
    ErrorCode.MISSING_VALUE: _INVALID,
    ErrorCode.UNSUPPORTED_VALUE: _INVALID,
    ErrorCode.INVALID_IMAGE: _INVALID,
    ErrorCode.INVALID_CLIP: _INVALID,
    ErrorCode.TOO_LARGE: _INVALID,
    ErrorCode.URL_NOT_ALLOWED: _INVALID,
    ErrorCode.MODEL_NOT_FOUND: SoraErrorSpec(400, "model_not_found"),
    ErrorCode.JOB_NOT_FOUND: _NOT_FOUND,
    ErrorCode.CHARACTER_NOT_FOUND: _NOT_FOUND,
    ErrorCode.FILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.ACCOUNT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.KEY_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_UNREACHABLE: _INVALID,
    ErrorCode.EVENT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.NAME_TAKEN: SoraErrorSpec(400, "username_taken"),
    ErrorCode.NOT_READY: SoraErrorSpec(400, "not_ready"),
    ErrorCode.JOB_FAILED: SoraErrorSpec(400, "generation_failed"),
    ErrorCode.EXPIRED: SoraErrorSpec(400, "expired"),
    ErrorCode.NOT_CANCELABLE: _INVALID,
    ErrorCode.INSUFFICIENT_CREDITS: SoraErrorSpec(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.IDEMPOTENCY_CONFLICT: SoraErrorSpec(409, "idempotency_conflict"),
    ErrorCode.ACCESS_EXPIRED: SoraErrorSpec(401, "token_expired", "authentication_error", _BEARER),
    ErrorCode.ACCESS_REVOKED: _NO_TOKEN,
    ErrorCode.INVALID_CREDENTIALS: SoraErrorSpec(401, "login_refused", "authentication_error"),
    ErrorCode.INVALID_GRANT: SoraErrorSpec(400, "invalid_grant"),
    ErrorCode.INVITE_INVALID: SoraErrorSpec(400, "invalid_invite_code"),
    ErrorCode.NOT_ACTIVATED: SoraErrorSpec(401, "not_activated", "authentication_error"),
    ErrorCode.COUNTRY_UNSUPPORTED: SoraErrorSpec(403, "unsupported_country_code"),
    ErrorCode.PLAN_REQUIRED: SoraErrorSpec(403, "plan_required", "permission_error"),
    ErrorCode.QUOTA_EXHAUSTED: SoraErrorSpec(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.OVERLOADED: SoraErrorSpec(503, "heavy_load", "server_error"),
    ErrorCode.PROFILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.POST_NOT_FOUND: _NOT_FOUND,
    ErrorCode.UPSTREAM_NOT_FOUND: _NOT_FOUND,
}

REQUEST_ERRORS: Mapping[RequestErrorCode, SoraErrorSpec] = {
    RequestErrorCode.NO_ROUTE: _NOT_FOUND,
    RequestErrorCode.WRONG_METHOD: SoraErrorSpec(405, "method_not_allowed"),
    RequestErrorCode.WRONG_CONTENT_TYPE: _INVALID,
    RequestErrorCode.BODY_TOO_LARGE: _INVALID,
    RequestErrorCode.BROKEN_BODY: _INVALID,
    RequestErrorCode.TOO_MANY_FIELDS: _INVALID,
    RequestErrorCode.WRONG_TYPE: _INVALID,
    RequestErrorCode.LINK_BROKEN: SoraErrorSpec(403, "invalid_link", "permission_error"),
    RequestErrorCode.LINK_EXPIRED: SoraErrorSpec(403, "link_expired", "permission_error"),
    RequestErrorCode.RATE_LIMITED: _RATE_LIMITED,
    RequestErrorCode.INTERNAL: SoraErrorSpec(500, "internal_error", "server_error"),
}


def service_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    wire = SERVICE_ERRORS[error.code]
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    message = f"{HEAVY_LOAD} {error}" if error.code is ErrorCode.OVERLOADED else str(error)
    return _response(wire, message, error.param, headers, error.details)


def request_error_response(request_error: RequestError) -> Response:
    """Answer a refusal of the HTTP side."""
    wire = REQUEST_ERRORS[request_error.code]
    return _response(wire, request_error.message, request_error.param, request_error.headers, {})


def _response(
    wire: SoraErrorSpec,
    message: str,
    param: str | None,
    headers: Mapping[str, str],
    details: Mapping[str, object],
) -> Response:
    error: dict[str, object] = {
        "message": _STATUS_LIKE_NUMBER.sub(_WITH_WORD_JOINER, message),
        "type": wire.type,
        "param": param,
        "code": wire.code,
    }
    details = _avoid_status_like_numbers(details)
    if details:
        error["details"] = details
    body: dict[str, object] = {"error": error}
    if wire.code == EXHAUSTED:
        # Clients that know quotas read the top level, all others the error.
        body = {"type": EXHAUSTED, "rate_limit_and_credit_balance": details, **body}
    return Response(
        dump(body), wire.status, {**wire.headers, **headers}, media_type="application/json"
    )


def _avoid_status_like_numbers(details: Mapping[str, object]) -> Mapping[str, object]:
    """Tell of a wait that looks like a status as the next longer one that does not."""
    seconds = details.get(_RESET_FIELD)
    if not isinstance(seconds, int):
        return details
    while _STATUS_LIKE_NUMBER.search(str(seconds)):
        seconds += 1
    return {**details, _RESET_FIELD: seconds}
