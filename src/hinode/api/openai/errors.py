"""Error responses of the OpenAI dialect.

The official SDKs retry 408, 409, 429 and 5xx. Permanent errors therefore use 400 or 404; where
one of the retried statuses is the right one, the response has ``x-should-retry: false``.
"""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.errors import (
    BEARER,
    BILLING,
    FORBIDDEN,
    INTERNAL,
    INVALID,
    NO_RETRY,
    RATE_LIMIT,
    RETRY,
    UNAUTHENTICATED,
    AnyError,
    ErrorSpec,
    error_response,
    error_table,
)
from hinode.api.request_errors import RequestErrorCode
from hinode.core.errors import ErrorCode

QUOTA = "insufficient_quota"
_TYPES = {
    UNAUTHENTICATED: INVALID,
    FORBIDDEN: INVALID,
    RATE_LIMIT: "requests",
    BILLING: QUOTA,
    INTERNAL: "server_error",
}
_DIFFERENCES: dict[ErrorCode | RequestErrorCode, ErrorSpec] = {
    ErrorCode.KEY_EXPIRED: ErrorSpec(401, "expired_api_key", INVALID, BEARER),
    ErrorCode.KEY_DISABLED: ErrorSpec(401, "disabled_api_key", INVALID, BEARER),
    ErrorCode.IP_NOT_ALLOWED: ErrorSpec(403, "ip_not_authorized", INVALID),
    ErrorCode.SPEND_LIMIT: ErrorSpec(429, "spend_limit", QUOTA, NO_RETRY),
    ErrorCode.TOO_MANY_JOBS: ErrorSpec(429, "too_many_jobs", "requests"),
    ErrorCode.INVALID_VALUE: ErrorSpec(400, "invalid_value", INVALID),
    ErrorCode.MISSING_VALUE: ErrorSpec(400, "missing_required_parameter", INVALID),
    ErrorCode.UNSUPPORTED_VALUE: ErrorSpec(400, "unsupported_value", INVALID),
    ErrorCode.INVALID_IMAGE: ErrorSpec(400, "invalid_image", INVALID),
    ErrorCode.INVALID_CLIP: ErrorSpec(400, "invalid_video", INVALID),
    ErrorCode.TOO_LARGE: ErrorSpec(413, "request_too_large", INVALID),
    ErrorCode.URL_NOT_ALLOWED: ErrorSpec(400, "invalid_image_url", INVALID),
    ErrorCode.JOB_NOT_FOUND: ErrorSpec(404, "not_found", INVALID),
    ErrorCode.WEBHOOK_UNREACHABLE: ErrorSpec(400, "webhook_unreachable", INVALID),
    ErrorCode.NAME_TAKEN: ErrorSpec(400, "name_taken", INVALID),
    ErrorCode.NOT_READY: ErrorSpec(400, "video_not_ready", INVALID),
    ErrorCode.JOB_FAILED: ErrorSpec(400, "video_failed", INVALID),
    ErrorCode.EXPIRED: ErrorSpec(400, "video_expired", INVALID),
    ErrorCode.BATCH_NOT_FOUND: ErrorSpec(404, "not_found", INVALID),
    ErrorCode.BATCH_NOT_CANCELABLE: ErrorSpec(400, "batch_not_cancelable", INVALID),
    ErrorCode.NOT_CANCELABLE: ErrorSpec(400, "video_not_cancelable", INVALID),
    ErrorCode.INSUFFICIENT_CREDITS: ErrorSpec(429, "insufficient_quota", QUOTA, NO_RETRY),
    ErrorCode.IDEMPOTENCY_CONFLICT: ErrorSpec(409, "idempotency_conflict", INVALID, NO_RETRY),
    ErrorCode.ACCESS_EXPIRED: ErrorSpec(401, "token_expired", INVALID, BEARER),
    ErrorCode.ACCESS_REVOKED: ErrorSpec(401, "token_invalidated", INVALID, BEARER),
    ErrorCode.INVALID_CREDENTIALS: ErrorSpec(401, "login_refused", INVALID),
    ErrorCode.INVALID_GRANT: ErrorSpec(400, "invalid_grant", INVALID),
    ErrorCode.INVITE_INVALID: ErrorSpec(400, "invite_invalid", INVALID),
    ErrorCode.NOT_ACTIVATED: ErrorSpec(401, "not_activated", INVALID),
    ErrorCode.COUNTRY_UNSUPPORTED: ErrorSpec(403, "unsupported_country_region_territory", INVALID),
    ErrorCode.QUOTA_EXHAUSTED: ErrorSpec(429, "quota_exhausted", QUOTA, NO_RETRY),
    ErrorCode.OVERLOADED: ErrorSpec(503, "overloaded", "server_error"),
    ErrorCode.NO_WORKER: ErrorSpec(503, "model_unavailable", "server_error", RETRY),
    ErrorCode.MODERATION_UNAVAILABLE: ErrorSpec(
        503, "moderation_unavailable", "server_error", RETRY
    ),
    RequestErrorCode.NO_ROUTE: ErrorSpec(404, "unknown_url", INVALID),
    RequestErrorCode.WRONG_CONTENT_TYPE: ErrorSpec(415, "unsupported_content_type", INVALID),
    RequestErrorCode.BODY_TOO_LARGE: ErrorSpec(413, "request_too_large", INVALID),
    RequestErrorCode.BROKEN_BODY: ErrorSpec(400, "invalid_body", INVALID),
    RequestErrorCode.TOO_MANY_FIELDS: ErrorSpec(400, "too_many_fields", INVALID),
    RequestErrorCode.WRONG_TYPE: ErrorSpec(400, "invalid_type", INVALID),
    RequestErrorCode.INTERNAL: ErrorSpec(500, "server_error", "server_error"),
}
ERRORS = error_table(_DIFFERENCES, _TYPES)


def respond(error: AnyError) -> Response:
    """Return the response to an error, with OpenAI's envelope."""
    spec = ERRORS[error.code]
    body = {
        "message": str(error),
        "type": spec.type,
        "param": error.param,
        "code": spec.code,
    }
    return error_response(error, spec, {"error": body})
