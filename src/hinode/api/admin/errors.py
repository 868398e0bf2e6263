"""The admin API's error envelope and its total tables: the words of the tasks dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.json_text import dump
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.errors import ErrorCode, HinodeError

_BAD, _DENIED = "invalid_request_error", "permission_error"


@dataclass(frozen=True, slots=True)
class AdminErrorSpec:
    """How an error looks on the wire: HTTP status, ``code``, ``type``, and headers."""

    status: int
    code: str
    type: str
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = AdminErrorSpec(400, "invalid_request", _BAD)
_NO_KEY = AdminErrorSpec(
    401, "invalid_api_key", "authentication_error", {"www-authenticate": "Bearer"}
)
_NOT_FOUND = AdminErrorSpec(404, "not_found", _BAD)
_TOO_OFTEN = AdminErrorSpec(429, "rate_limit_exceeded", "rate_limit_error")
_INTERNAL = AdminErrorSpec(500, "internal_error", "api_error")

# Whatever is not named is something about jobs, which this API does not speak of.
SERVICE_ERRORS: Mapping[ErrorCode, AdminErrorSpec] = {
    **dict.fromkeys(ErrorCode, _INVALID),
    ErrorCode.INVALID_KEY: _NO_KEY,
    ErrorCode.KEY_EXPIRED: _NO_KEY,
    ErrorCode.KEY_DISABLED: _NO_KEY,
    ErrorCode.SCOPE_MISSING: AdminErrorSpec(403, "insufficient_permissions", _DENIED),
    ErrorCode.IP_NOT_ALLOWED: AdminErrorSpec(403, "ip_not_allowed", _DENIED),
    ErrorCode.RATE_LIMITED: _TOO_OFTEN,
    ErrorCode.ACCOUNT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.KEY_NOT_FOUND: _NOT_FOUND,
    ErrorCode.UPSTREAM_NOT_FOUND: _NOT_FOUND,
    ErrorCode.NOT_READY: AdminErrorSpec(409, "not_ready", _BAD),
    ErrorCode.NAME_TAKEN: AdminErrorSpec(409, "name_taken", _BAD),
    ErrorCode.IDEMPOTENCY_CONFLICT: AdminErrorSpec(409, "idempotency_conflict", _BAD),
}

REQUEST_ERRORS: Mapping[RequestErrorCode, AdminErrorSpec] = {
    **dict.fromkeys(RequestErrorCode, _INVALID),
    RequestErrorCode.NO_ROUTE: _NOT_FOUND,
    RequestErrorCode.WRONG_METHOD: AdminErrorSpec(405, "method_not_allowed", _BAD),
    RequestErrorCode.RATE_LIMITED: _TOO_OFTEN,
    RequestErrorCode.INTERNAL: _INTERNAL,
}


def service_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _response(SERVICE_ERRORS[error.code], str(error), headers)


def request_error_response(refusal: RequestError) -> Response:
    """Answer a refusal of the HTTP side."""
    return _response(REQUEST_ERRORS[refusal.code], refusal.message, refusal.headers)


def _response(wire: AdminErrorSpec, message: str, headers: Mapping[str, str]) -> Response:
    error = {"code": wire.code, "message": message, "type": wire.type}
    return Response(
        dump({"error": error}),
        wire.status,
        {**wire.headers, **headers},
        media_type="application/json",
    )
