"""The OpenAI dialect's error envelope, and the total tables from our errors to its words.

Statuses follow what the official SDKs do with them: they retry 408, 409, 429 and 5xx by
themselves, so what stays wrong is 400 or 404, and where such a status is right all the same the
answer says ``x-should-retry: false``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

_BAD = "invalid_request_error"
_USELESS_AGAIN = {"x-should-retry": "false"}


@dataclass(frozen=True, slots=True)
class OpenAIErrorSpec:
    """How an error looks on the wire: HTTP status, ``type``, ``code``, and headers."""

    status: int
    type: str
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


_BEARER = {"www-authenticate": "Bearer"}

SERVICE_ERRORS: Mapping[ErrorCode, OpenAIErrorSpec] = {
    ErrorCode.INVALID_KEY: OpenAIErrorSpec(401, _BAD, "invalid_api_key", _BEARER),
    ErrorCode.KEY_EXPIRED: OpenAIErrorSpec(401, _BAD, "expired_api_key", _BEARER),
    ErrorCode.KEY_DISABLED: OpenAIErrorSpec(401, _BAD, "disabled_api_key", _BEARER),
    ErrorCode.SCOPE_MISSING: OpenAIErrorSpec(403, _BAD, "insufficient_permissions"),
    ErrorCode.IP_NOT_ALLOWED: OpenAIErrorSpec(403, _BAD, "ip_not_authorized"),
    ErrorCode.RATE_LIMITED: OpenAIErrorSpec(429, "requests", "rate_limit_exceeded"),
    ErrorCode.SPEND_LIMIT: OpenAIErrorSpec(
        429, "insufficient_quota", "spend_limit", _USELESS_AGAIN
    ),
    ErrorCode.TOO_MANY_JOBS: OpenAIErrorSpec(429, "requests", "too_many_jobs"),
    ErrorCode.MODEL_NOT_ALLOWED: OpenAIErrorSpec(403, _BAD, "model_not_allowed"),
    ErrorCode.INVALID_VALUE: OpenAIErrorSpec(400, _BAD, "invalid_value"),
    ErrorCode.MISSING_VALUE: OpenAIErrorSpec(400, _BAD, "missing_required_parameter"),
    ErrorCode.UNSUPPORTED_VALUE: OpenAIErrorSpec(400, _BAD, "unsupported_value"),
    ErrorCode.INVALID_IMAGE: OpenAIErrorSpec(400, _BAD, "invalid_image"),
    ErrorCode.INVALID_CLIP: OpenAIErrorSpec(400, _BAD, "invalid_video"),
    ErrorCode.TOO_LARGE: OpenAIErrorSpec(413, _BAD, "request_too_large"),
    ErrorCode.URL_NOT_ALLOWED: OpenAIErrorSpec(400, _BAD, "invalid_image_url"),
    ErrorCode.MODEL_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "model_not_found"),
    ErrorCode.JOB_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.CHARACTER_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.FILE_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.ACCOUNT_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.KEY_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.WEBHOOK_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.WEBHOOK_UNREACHABLE: OpenAIErrorSpec(400, _BAD, "webhook_unreachable"),
    ErrorCode.EVENT_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.NAME_TAKEN: OpenAIErrorSpec(400, _BAD, "name_taken"),
    ErrorCode.NOT_READY: OpenAIErrorSpec(400, _BAD, "video_not_ready"),
    ErrorCode.JOB_FAILED: OpenAIErrorSpec(400, _BAD, "video_failed"),
    ErrorCode.EXPIRED: OpenAIErrorSpec(400, _BAD, "video_expired"),
    ErrorCode.NOT_CANCELABLE: OpenAIErrorSpec(400, _BAD, "video_not_cancelable"),
    ErrorCode.INSUFFICIENT_CREDITS: OpenAIErrorSpec(
        429, "insufficient_quota", "insufficient_quota", _USELESS_AGAIN
    ),
    ErrorCode.IDEMPOTENCY_CONFLICT: OpenAIErrorSpec(
        409, _BAD, "idempotency_conflict", _USELESS_AGAIN
    ),
    ErrorCode.ACCESS_EXPIRED: OpenAIErrorSpec(401, _BAD, "token_expired", _BEARER),
    ErrorCode.ACCESS_REVOKED: OpenAIErrorSpec(401, _BAD, "token_invalidated", _BEARER),
    ErrorCode.INVALID_CREDENTIALS: OpenAIErrorSpec(401, _BAD, "login_refused"),
    ErrorCode.INVALID_GRANT: OpenAIErrorSpec(400, _BAD, "invalid_grant"),
    ErrorCode.INVITE_INVALID: OpenAIErrorSpec(400, _BAD, "invite_invalid"),
    ErrorCode.NOT_ACTIVATED: OpenAIErrorSpec(401, _BAD, "not_activated"),
    ErrorCode.COUNTRY_UNSUPPORTED: OpenAIErrorSpec(
        403, _BAD, "unsupported_country_region_territory"
    ),
    ErrorCode.PLAN_REQUIRED: OpenAIErrorSpec(403, _BAD, "plan_required"),
    ErrorCode.QUOTA_EXHAUSTED: OpenAIErrorSpec(
        429, "insufficient_quota", "quota_exhausted", _USELESS_AGAIN
    ),
    ErrorCode.OVERLOADED: OpenAIErrorSpec(503, "server_error", "overloaded"),
    ErrorCode.PROFILE_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.POST_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
    ErrorCode.UPSTREAM_NOT_FOUND: OpenAIErrorSpec(404, _BAD, "not_found"),
}

REQUEST_ERRORS: Mapping[RequestErrorCode, OpenAIErrorSpec] = {
    RequestErrorCode.NO_ROUTE: OpenAIErrorSpec(404, _BAD, "unknown_url"),
    RequestErrorCode.WRONG_METHOD: OpenAIErrorSpec(405, _BAD, "method_not_allowed"),
    RequestErrorCode.WRONG_CONTENT_TYPE: OpenAIErrorSpec(415, _BAD, "unsupported_content_type"),
    RequestErrorCode.BODY_TOO_LARGE: OpenAIErrorSpec(413, _BAD, "request_too_large"),
    RequestErrorCode.BROKEN_BODY: OpenAIErrorSpec(400, _BAD, "invalid_body"),
    RequestErrorCode.TOO_MANY_FIELDS: OpenAIErrorSpec(400, _BAD, "too_many_fields"),
    RequestErrorCode.WRONG_TYPE: OpenAIErrorSpec(400, _BAD, "invalid_type"),
    RequestErrorCode.LINK_BROKEN: OpenAIErrorSpec(403, _BAD, "invalid_link"),
    RequestErrorCode.LINK_EXPIRED: OpenAIErrorSpec(403, _BAD, "link_expired"),
    RequestErrorCode.RATE_LIMITED: OpenAIErrorSpec(429, "requests", "rate_limit_exceeded"),
    RequestErrorCode.INTERNAL: OpenAIErrorSpec(500, "server_error", "server_error"),
}


def service_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _response(SERVICE_ERRORS[error.code], str(error), error.param, headers)


def request_error_response(refusal: RequestError) -> Response:
    """Answer a refusal of the HTTP side."""
    return _response(REQUEST_ERRORS[refusal.code], refusal.message, refusal.param, refusal.headers)


def _response(
    wire: OpenAIErrorSpec, message: str, param: str | None, headers: Mapping[str, str]
) -> Response:
    error = {"message": message, "type": wire.type, "param": param, "code": wire.code}
    return Response(
        dump({"error": error}),
        wire.status,
        {**wire.headers, **headers},
        media_type="application/json",
    )
