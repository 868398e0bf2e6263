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

from hinode.api.jsontext import dump
from hinode.api.refusals import Refusal, RefusalCode
from hinode.studio.errors import ErrorCode, StudioError

_BAD = "invalid_request_error"
_BEARER = {"www-authenticate": "Bearer"}
HEAVY_LOAD = "We're under heavy load, please try again later."
"""The whole sentence that clients look for."""

_ALARM = re.compile(r"(4)(?=0[013]|29)")
_JOINED = "\\1\u2060"
"""A word joiner between the digits: people see the same number, and programs find no status."""

_RESETS = "access_resets_in_seconds"


@dataclass(frozen=True, slots=True)
class WireError:
    """How an error looks on the wire: HTTP status, ``code``, ``type``, and headers."""

    status: int
    code: str
    type: str = _BAD
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = WireError(400, "invalid_request")
_NO_TOKEN = WireError(401, "token_invalidated", "authentication_error", _BEARER)
_NOT_FOUND = WireError(404, "not_found")
_TOO_OFTEN = WireError(429, "too_many_requests", "rate_limit_error")
EXHAUSTED = "rate_limit_exhausted"

STUDIO_ERRORS: Mapping[ErrorCode, WireError] = {
    ErrorCode.INVALID_KEY: _NO_TOKEN,
    ErrorCode.KEY_EXPIRED: WireError(401, "token_expired", "authentication_error", _BEARER),
    ErrorCode.KEY_DISABLED: _NO_TOKEN,
    ErrorCode.SCOPE_MISSING: WireError(403, "insufficient_permissions", "permission_error"),
    ErrorCode.IP_NOT_ALLOWED: WireError(403, "ip_not_allowed", "permission_error"),
    ErrorCode.MODEL_NOT_ALLOWED: WireError(403, "model_not_allowed", "permission_error"),
    ErrorCode.RATE_LIMITED: _TOO_OFTEN,
    ErrorCode.TOO_MANY_JOBS: WireError(429, "too_many_concurrent_tasks", "rate_limit_error"),
    ErrorCode.SPEND_LIMIT: WireError(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.INVALID_VALUE: _INVALID,
    ErrorCode.MISSING_VALUE: _INVALID,
    ErrorCode.UNSUPPORTED_VALUE: _INVALID,
    ErrorCode.INVALID_IMAGE: _INVALID,
    ErrorCode.INVALID_CLIP: _INVALID,
    ErrorCode.TOO_LARGE: _INVALID,
    ErrorCode.URL_REFUSED: _INVALID,
    ErrorCode.MODEL_NOT_FOUND: WireError(400, "model_not_found"),
    ErrorCode.JOB_NOT_FOUND: _NOT_FOUND,
    ErrorCode.CHARACTER_NOT_FOUND: _NOT_FOUND,
    ErrorCode.FILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.ACCOUNT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.KEY_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_UNREACHABLE: _INVALID,
    ErrorCode.EVENT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.NAME_TAKEN: WireError(400, "username_taken"),
    ErrorCode.NOT_READY: WireError(400, "not_ready"),
    ErrorCode.JOB_FAILED: WireError(400, "generation_failed"),
    ErrorCode.EXPIRED: WireError(400, "expired"),
    ErrorCode.NOT_CANCELABLE: _INVALID,
    ErrorCode.INSUFFICIENT_CREDITS: WireError(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.IDEMPOTENCY_CONFLICT: WireError(409, "idempotency_conflict"),
    ErrorCode.ACCESS_EXPIRED: WireError(401, "token_expired", "authentication_error", _BEARER),
    ErrorCode.ACCESS_REVOKED: _NO_TOKEN,
    ErrorCode.LOGIN_REFUSED: WireError(401, "login_refused", "authentication_error"),
    ErrorCode.GRANT_REFUSED: WireError(400, "invalid_grant"),
    ErrorCode.INVITE_INVALID: WireError(400, "invalid_invite_code"),
    ErrorCode.NOT_ACTIVATED: WireError(401, "not_activated", "authentication_error"),
    ErrorCode.COUNTRY_UNSUPPORTED: WireError(403, "unsupported_country_code"),
    ErrorCode.PLAN_REQUIRED: WireError(403, "plan_required", "permission_error"),
    ErrorCode.QUOTA_EXHAUSTED: WireError(429, EXHAUSTED, "rate_limit_error"),
    ErrorCode.OVERLOADED: WireError(503, "heavy_load", "server_error"),
    ErrorCode.PROFILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.POST_NOT_FOUND: _NOT_FOUND,
    ErrorCode.UPSTREAM_NOT_FOUND: _NOT_FOUND,
}

REFUSALS: Mapping[RefusalCode, WireError] = {
    RefusalCode.NO_ROUTE: _NOT_FOUND,
    RefusalCode.WRONG_METHOD: WireError(405, "method_not_allowed"),
    RefusalCode.WRONG_CONTENT_TYPE: _INVALID,
    RefusalCode.BODY_TOO_LARGE: _INVALID,
    RefusalCode.BROKEN_BODY: _INVALID,
    RefusalCode.TOO_MANY_FIELDS: _INVALID,
    RefusalCode.WRONG_TYPE: _INVALID,
    RefusalCode.LINK_BROKEN: WireError(403, "invalid_link", "permission_error"),
    RefusalCode.LINK_EXPIRED: WireError(403, "link_expired", "permission_error"),
    RefusalCode.RATE_LIMITED: _TOO_OFTEN,
    RefusalCode.INTERNAL: WireError(500, "internal_error", "server_error"),
}


def studio_error_response(error: StudioError) -> Response:
    """Answer a studio error."""
    wire = STUDIO_ERRORS[error.code]
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    message = f"{HEAVY_LOAD} {error}" if error.code is ErrorCode.OVERLOADED else str(error)
    return _response(wire, message, error.param, headers, error.details)


def refusal_response(refusal: Refusal) -> Response:
    """Answer a refusal of the HTTP side."""
    wire = REFUSALS[refusal.code]
    return _response(wire, refusal.message, refusal.param, refusal.headers, {})


def _response(
    wire: WireError,
    message: str,
    param: str | None,
    headers: Mapping[str, str],
    details: Mapping[str, object],
) -> Response:
    error: dict[str, object] = {
        "message": _ALARM.sub(_JOINED, message),
        "type": wire.type,
        "param": param,
        "code": wire.code,
    }
    details = _harmless(details)
    if details:
        error["details"] = details
    body: dict[str, object] = {"error": error}
    if wire.code == EXHAUSTED:
        # Clients that know quotas read the top level, all others the error.
        body = {"type": EXHAUSTED, "rate_limit_and_credit_balance": details, **body}
    return Response(
        dump(body), wire.status, {**wire.headers, **headers}, media_type="application/json"
    )


def _harmless(details: Mapping[str, object]) -> Mapping[str, object]:
    """Tell of a wait that looks like a status as the next longer one that does not."""
    seconds = details.get(_RESETS)
    if not isinstance(seconds, int):
        return details
    while _ALARM.search(str(seconds)):
        seconds += 1
    return {**details, _RESETS: seconds}
