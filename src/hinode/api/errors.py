"""Mapping of errors to HTTP responses: one default table, and each dialect's differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

AnyError: TypeAlias = HinodeError | RequestError
AnyCode: TypeAlias = ErrorCode | RequestErrorCode

INVALID = "invalid_request_error"
UNAUTHENTICATED = "authentication_error"
FORBIDDEN = "permission_error"
RATE_LIMIT = "rate_limit_error"
BILLING = "billing_error"
INTERNAL = "api_error"
BEARER = {"www-authenticate": "Bearer"}
NO_RETRY = {"x-should-retry": "false"}
"""The official SDKs retry 408, 409, 429 and 5xx, unless this header forbids it."""
RETRY = {"x-should-retry": "true"}


@dataclass(frozen=True, slots=True)
class ErrorSpec:
    """The response to an error: HTTP status, ``code`` and ``type`` of the body, headers."""

    status: int
    code: str
    type: str
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = ErrorSpec(400, "invalid_request", INVALID)
_NOT_FOUND = ErrorSpec(404, "not_found", INVALID)
_NO_KEY = ErrorSpec(401, "invalid_api_key", UNAUTHENTICATED, BEARER)
_RATE_LIMITED = ErrorSpec(429, "rate_limit_exceeded", RATE_LIMIT)

_DEFAULTS: Mapping[AnyCode, ErrorSpec] = {
    **dict.fromkeys((*ErrorCode, *RequestErrorCode), _INVALID),
    ErrorCode.INVALID_KEY: _NO_KEY,
    ErrorCode.KEY_EXPIRED: _NO_KEY,
    ErrorCode.KEY_DISABLED: _NO_KEY,
    ErrorCode.ACCESS_EXPIRED: _NO_KEY,
    ErrorCode.ACCESS_REVOKED: _NO_KEY,
    ErrorCode.INVALID_CREDENTIALS: _NO_KEY,
    ErrorCode.SCOPE_MISSING: ErrorSpec(403, "insufficient_permissions", FORBIDDEN),
    ErrorCode.NOT_ACTIVATED: ErrorSpec(403, "insufficient_permissions", FORBIDDEN),
    ErrorCode.IP_NOT_ALLOWED: ErrorSpec(403, "ip_not_allowed", FORBIDDEN),
    ErrorCode.MODEL_NOT_ALLOWED: ErrorSpec(403, "model_not_allowed", FORBIDDEN),
    ErrorCode.PRIORITY_NOT_ALLOWED: ErrorSpec(403, "priority_not_allowed", FORBIDDEN),
    ErrorCode.COUNTRY_UNSUPPORTED: ErrorSpec(403, "country_unsupported", FORBIDDEN),
    ErrorCode.PLAN_REQUIRED: ErrorSpec(403, "plan_required", FORBIDDEN),
    ErrorCode.RATE_LIMITED: _RATE_LIMITED,
    ErrorCode.TOO_MANY_JOBS: _RATE_LIMITED,
    ErrorCode.SPEND_LIMIT: ErrorSpec(429, "spend_limit_exceeded", BILLING),
    ErrorCode.STORAGE_QUOTA: ErrorSpec(403, "storage_quota_exceeded", FORBIDDEN),
    ErrorCode.INSUFFICIENT_CREDITS: ErrorSpec(402, "insufficient_credits", BILLING),
    ErrorCode.QUOTA_EXHAUSTED: ErrorSpec(429, "quota_exhausted", BILLING),
    **dict.fromkeys((code for code in ErrorCode if code.endswith("_not_found")), _NOT_FOUND),
    ErrorCode.MODEL_NOT_FOUND: ErrorSpec(404, "model_not_found", INVALID),
    ErrorCode.IDEMPOTENCY_CONFLICT: ErrorSpec(409, "idempotency_conflict", INVALID),
    # The code that the task API documents for engines that accept no job at the moment.
    ErrorCode.OVERLOADED: ErrorSpec(503, "upstream_error", "upstream_error"),
    ErrorCode.NO_WORKER: ErrorSpec(503, "upstream_error", "upstream_error", RETRY),
    ErrorCode.CONTENT_BLOCKED: ErrorSpec(400, "moderation_blocked", INVALID),
    ErrorCode.MODERATION_UNAVAILABLE: ErrorSpec(503, "upstream_error", "upstream_error", RETRY),
    RequestErrorCode.NO_ROUTE: _NOT_FOUND,
    RequestErrorCode.WRONG_METHOD: ErrorSpec(405, "method_not_allowed", INVALID),
    RequestErrorCode.UNSUPPORTED_CODING: ErrorSpec(415, "unsupported_content_encoding", INVALID),
    RequestErrorCode.BODY_EXPANDS: ErrorSpec(413, "request_too_large", INVALID),
    RequestErrorCode.BODY_TOO_SLOW: ErrorSpec(408, "request_timeout", INVALID, NO_RETRY),
    RequestErrorCode.LINK_BROKEN: ErrorSpec(403, "invalid_link", FORBIDDEN),
    RequestErrorCode.LINK_EXPIRED: ErrorSpec(403, "link_expired", FORBIDDEN),
    RequestErrorCode.RATE_LIMITED: _RATE_LIMITED,
    RequestErrorCode.INTERNAL: ErrorSpec(500, "internal_error", INTERNAL),
    RequestErrorCode.UNAVAILABLE: ErrorSpec(503, "service_unavailable", INTERNAL),
    RequestErrorCode.OUT_OF_SPACE: ErrorSpec(507, "insufficient_storage", INTERNAL),
}


def error_table(
    differences: Mapping[AnyCode, ErrorSpec], types: Mapping[str, str] | None = None
) -> Mapping[AnyCode, ErrorSpec]:
    """Return the specs of all errors of a dialect: the defaults, replaced by ``differences``.

    ``types`` maps the defaults' ``type`` values to those of the dialect.
    """
    own = types or {}
    common = {
        code: replace(spec, type=own.get(spec.type, spec.type)) for code, spec in _DEFAULTS.items()
    }
    return {**common, **differences}


def error_response(error: AnyError, spec: ErrorSpec, body: Mapping[str, object]) -> Response:
    """Return the response to an error; ``body`` is the error envelope of a dialect."""
    headers = {**spec.headers, **_headers(error)}
    return Response(dump(body), spec.status, headers, media_type="application/json")


def plain_response(error: AnyError, spec: ErrorSpec) -> Response:
    """Return the response to an error with the envelope ``{"error": {code, message, type}}``."""
    members = {"code": spec.code, "message": str(error), "type": spec.type}
    return error_response(error, spec, {"error": members})


def _headers(error: AnyError) -> Mapping[str, str]:
    if isinstance(error, RequestError):
        return error.headers
    return {} if error.retry_after is None else {"retry-after": str(error.retry_after)}


@dataclass(frozen=True, slots=True)
class DialectErrors:
    """The error responses of one dialect, for ``paths`` and all paths below them."""

    paths: Sequence[str]
    respond: Callable[[AnyError], Response]

    def owns(self, path: str) -> bool:
        """Return whether a path, without the application's root path, is the dialect's."""
        return any(path == own or path.startswith(f"{own}/") for own in self.paths)
