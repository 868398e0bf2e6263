"""The OpenAI dialect's error envelope, and the total tables from our errors to its words.

Statuses follow what the official SDKs do with them: they retry 408, 409, 429 and 5xx by
themselves, so what stays wrong is 400 or 404, and where such a status is right all the same the
answer says ``x-should-retry: false``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.jsontext import dump
from hinode.api.refusals import Refusal, RefusalCode
from hinode.core.errors import ErrorCode, HinodeError

_BAD = "invalid_request_error"
_USELESS_AGAIN = {"x-should-retry": "false"}


@dataclass(frozen=True, slots=True)
class WireError:
    """How an error looks on the wire: HTTP status, ``type``, ``code``, and headers."""

    status: int
    type: str
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


_BEARER = {"www-authenticate": "Bearer"}

STUDIO_ERRORS: Mapping[ErrorCode, WireError] = {
    ErrorCode.INVALID_KEY: WireError(401, _BAD, "invalid_api_key", _BEARER),
    ErrorCode.KEY_EXPIRED: WireError(401, _BAD, "expired_api_key", _BEARER),
    ErrorCode.KEY_DISABLED: WireError(401, _BAD, "disabled_api_key", _BEARER),
    ErrorCode.SCOPE_MISSING: WireError(403, _BAD, "insufficient_permissions"),
    ErrorCode.IP_NOT_ALLOWED: WireError(403, _BAD, "ip_not_authorized"),
    ErrorCode.RATE_LIMITED: WireError(429, "requests", "rate_limit_exceeded"),
    ErrorCode.SPEND_LIMIT: WireError(429, "insufficient_quota", "spend_limit", _USELESS_AGAIN),
    ErrorCode.TOO_MANY_JOBS: WireError(429, "requests", "too_many_jobs"),
    ErrorCode.MODEL_NOT_ALLOWED: WireError(403, _BAD, "model_not_allowed"),
    ErrorCode.INVALID_VALUE: WireError(400, _BAD, "invalid_value"),
    ErrorCode.MISSING_VALUE: WireError(400, _BAD, "missing_required_parameter"),
    ErrorCode.UNSUPPORTED_VALUE: WireError(400, _BAD, "unsupported_value"),
    ErrorCode.INVALID_IMAGE: WireError(400, _BAD, "invalid_image"),
    ErrorCode.INVALID_CLIP: WireError(400, _BAD, "invalid_video"),
    ErrorCode.TOO_LARGE: WireError(413, _BAD, "request_too_large"),
    ErrorCode.URL_NOT_ALLOWED: WireError(400, _BAD, "invalid_image_url"),
    ErrorCode.MODEL_NOT_FOUND: WireError(404, _BAD, "model_not_found"),
    ErrorCode.JOB_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.CHARACTER_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.FILE_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.ACCOUNT_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.KEY_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.WEBHOOK_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.WEBHOOK_UNREACHABLE: WireError(400, _BAD, "webhook_unreachable"),
    ErrorCode.EVENT_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.NAME_TAKEN: WireError(400, _BAD, "name_taken"),
    ErrorCode.NOT_READY: WireError(400, _BAD, "video_not_ready"),
    ErrorCode.JOB_FAILED: WireError(400, _BAD, "video_failed"),
    ErrorCode.EXPIRED: WireError(400, _BAD, "video_expired"),
    ErrorCode.NOT_CANCELABLE: WireError(400, _BAD, "video_not_cancelable"),
    ErrorCode.INSUFFICIENT_CREDITS: WireError(
        429, "insufficient_quota", "insufficient_quota", _USELESS_AGAIN
    ),
    ErrorCode.IDEMPOTENCY_CONFLICT: WireError(409, _BAD, "idempotency_conflict", _USELESS_AGAIN),
    ErrorCode.ACCESS_EXPIRED: WireError(401, _BAD, "token_expired", _BEARER),
    ErrorCode.ACCESS_REVOKED: WireError(401, _BAD, "token_invalidated", _BEARER),
    ErrorCode.INVALID_CREDENTIALS: WireError(401, _BAD, "login_refused"),
    ErrorCode.INVALID_GRANT: WireError(400, _BAD, "invalid_grant"),
    ErrorCode.INVITE_INVALID: WireError(400, _BAD, "invite_invalid"),
    ErrorCode.NOT_ACTIVATED: WireError(401, _BAD, "not_activated"),
    ErrorCode.COUNTRY_UNSUPPORTED: WireError(403, _BAD, "unsupported_country_region_territory"),
    ErrorCode.PLAN_REQUIRED: WireError(403, _BAD, "plan_required"),
    ErrorCode.QUOTA_EXHAUSTED: WireError(
        429, "insufficient_quota", "quota_exhausted", _USELESS_AGAIN
    ),
    ErrorCode.OVERLOADED: WireError(503, "server_error", "overloaded"),
    ErrorCode.PROFILE_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.POST_NOT_FOUND: WireError(404, _BAD, "not_found"),
    ErrorCode.UPSTREAM_NOT_FOUND: WireError(404, _BAD, "not_found"),
}

REFUSALS: Mapping[RefusalCode, WireError] = {
    RefusalCode.NO_ROUTE: WireError(404, _BAD, "unknown_url"),
    RefusalCode.WRONG_METHOD: WireError(405, _BAD, "method_not_allowed"),
    RefusalCode.WRONG_CONTENT_TYPE: WireError(415, _BAD, "unsupported_content_type"),
    RefusalCode.BODY_TOO_LARGE: WireError(413, _BAD, "request_too_large"),
    RefusalCode.BROKEN_BODY: WireError(400, _BAD, "invalid_body"),
    RefusalCode.TOO_MANY_FIELDS: WireError(400, _BAD, "too_many_fields"),
    RefusalCode.WRONG_TYPE: WireError(400, _BAD, "invalid_type"),
    RefusalCode.LINK_BROKEN: WireError(403, _BAD, "invalid_link"),
    RefusalCode.LINK_EXPIRED: WireError(403, _BAD, "link_expired"),
    RefusalCode.RATE_LIMITED: WireError(429, "requests", "rate_limit_exceeded"),
    RefusalCode.INTERNAL: WireError(500, "server_error", "server_error"),
}


def studio_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _response(STUDIO_ERRORS[error.code], str(error), error.param, headers)


def refusal_response(refusal: Refusal) -> Response:
    """Answer a refusal of the HTTP side."""
    return _response(REFUSALS[refusal.code], refusal.message, refusal.param, refusal.headers)


def _response(
    wire: WireError, message: str, param: str | None, headers: Mapping[str, str]
) -> Response:
    error = {"message": message, "type": wire.type, "param": param, "code": wire.code}
    return Response(
        dump({"error": error}),
        wire.status,
        {**wire.headers, **headers},
        media_type="application/json",
    )
