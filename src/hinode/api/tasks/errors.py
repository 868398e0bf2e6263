"""The tasks dialect's error envelope, and the total tables from our errors to its words.

The documented codes have their documented status and type; for what the document does not know
(keys without a scope, paths without a route) the codes are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

_BAD = "invalid_request_error"
_BEARER = {"www-authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class TaskErrorSpec:
    """How an error looks on the wire: HTTP status, ``code``, ``type``, and headers."""

    status: int
    code: str
    type: str
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = TaskErrorSpec(400, "invalid_request", _BAD)
_NO_KEY = TaskErrorSpec(401, "invalid_api_key", "authentication_error", _BEARER)
_NOT_FOUND = TaskErrorSpec(404, "not_found", _BAD)
_TOO_OFTEN = TaskErrorSpec(429, "rate_limit_exceeded", "rate_limit_error")

SERVICE_ERRORS: Mapping[ErrorCode, TaskErrorSpec] = {
    ErrorCode.INVALID_KEY: _NO_KEY,
    ErrorCode.KEY_EXPIRED: _NO_KEY,
    ErrorCode.KEY_DISABLED: _NO_KEY,
    ErrorCode.SCOPE_MISSING: TaskErrorSpec(403, "insufficient_permissions", "permission_error"),
    ErrorCode.IP_NOT_ALLOWED: TaskErrorSpec(403, "ip_not_allowed", "permission_error"),
    ErrorCode.MODEL_NOT_ALLOWED: TaskErrorSpec(403, "model_not_allowed", "permission_error"),
    ErrorCode.RATE_LIMITED: _TOO_OFTEN,
    ErrorCode.TOO_MANY_JOBS: _TOO_OFTEN,
    ErrorCode.SPEND_LIMIT: TaskErrorSpec(429, "spend_limit_exceeded", "billing_error"),
    ErrorCode.INVALID_VALUE: _INVALID,
    ErrorCode.MISSING_VALUE: _INVALID,
    ErrorCode.UNSUPPORTED_VALUE: _INVALID,
    ErrorCode.INVALID_IMAGE: _INVALID,
    ErrorCode.INVALID_CLIP: _INVALID,
    ErrorCode.TOO_LARGE: _INVALID,
    ErrorCode.URL_NOT_ALLOWED: _INVALID,
    ErrorCode.MODEL_NOT_FOUND: TaskErrorSpec(404, "model_not_found", _BAD),
    ErrorCode.JOB_NOT_FOUND: TaskErrorSpec(404, "task_not_found", _BAD),
    ErrorCode.CHARACTER_NOT_FOUND: _NOT_FOUND,
    ErrorCode.FILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.ACCOUNT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.KEY_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_NOT_FOUND: _NOT_FOUND,
    ErrorCode.WEBHOOK_UNREACHABLE: TaskErrorSpec(500, "internal_error", "api_error"),
    ErrorCode.EVENT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.NAME_TAKEN: _INVALID,
    ErrorCode.NOT_READY: _INVALID,
    ErrorCode.JOB_FAILED: _INVALID,
    ErrorCode.EXPIRED: _INVALID,
    ErrorCode.NOT_CANCELABLE: _INVALID,
    ErrorCode.INSUFFICIENT_CREDITS: TaskErrorSpec(402, "insufficient_credits", "billing_error"),
    ErrorCode.IDEMPOTENCY_CONFLICT: TaskErrorSpec(409, "idempotency_conflict", _BAD),
    ErrorCode.ACCESS_EXPIRED: _NO_KEY,
    ErrorCode.ACCESS_REVOKED: _NO_KEY,
    ErrorCode.INVALID_CREDENTIALS: _NO_KEY,
    ErrorCode.INVALID_GRANT: _INVALID,
    ErrorCode.INVITE_INVALID: _INVALID,
    ErrorCode.NOT_ACTIVATED: TaskErrorSpec(403, "insufficient_permissions", "permission_error"),
    ErrorCode.COUNTRY_UNSUPPORTED: TaskErrorSpec(403, "country_unsupported", "permission_error"),
    ErrorCode.PLAN_REQUIRED: TaskErrorSpec(403, "plan_required", "permission_error"),
    ErrorCode.QUOTA_EXHAUSTED: TaskErrorSpec(429, "quota_exhausted", "billing_error"),
    # The document's word for engines that cannot take a task now.
    ErrorCode.OVERLOADED: TaskErrorSpec(503, "upstream_error", "upstream_error"),
    ErrorCode.PROFILE_NOT_FOUND: _NOT_FOUND,
    ErrorCode.POST_NOT_FOUND: _NOT_FOUND,
    ErrorCode.UPSTREAM_NOT_FOUND: _NOT_FOUND,
}

REQUEST_ERRORS: Mapping[RequestErrorCode, TaskErrorSpec] = {
    RequestErrorCode.NO_ROUTE: _NOT_FOUND,
    RequestErrorCode.WRONG_METHOD: TaskErrorSpec(405, "method_not_allowed", _BAD),
    RequestErrorCode.WRONG_CONTENT_TYPE: _INVALID,
    RequestErrorCode.BODY_TOO_LARGE: _INVALID,
    RequestErrorCode.BROKEN_BODY: _INVALID,
    RequestErrorCode.TOO_MANY_FIELDS: _INVALID,
    RequestErrorCode.WRONG_TYPE: _INVALID,
    RequestErrorCode.LINK_BROKEN: TaskErrorSpec(403, "invalid_link", "permission_error"),
    RequestErrorCode.LINK_EXPIRED: TaskErrorSpec(403, "link_expired", "permission_error"),
    RequestErrorCode.RATE_LIMITED: _TOO_OFTEN,
    RequestErrorCode.INTERNAL: TaskErrorSpec(500, "internal_error", "api_error"),
}


def service_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _response(SERVICE_ERRORS[error.code], str(error), headers)


def request_error_response(refusal: RequestError) -> Response:
    """Answer a refusal of the HTTP side."""
    return _response(REQUEST_ERRORS[refusal.code], refusal.message, refusal.headers)


def _response(wire: TaskErrorSpec, message: str, headers: Mapping[str, str]) -> Response:
    error = {"code": wire.code, "message": message, "type": wire.type}
    return Response(
        dump({"error": error}),
        wire.status,
        {**wire.headers, **headers},
        media_type="application/json",
    )
