"""The admin API's error envelope and its total tables: the words of the tasks dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hinode.api.jsontext import dump
from hinode.api.refusals import Refusal, RefusalCode
from hinode.core.errors import ErrorCode, HinodeError

_BAD, _DENIED = "invalid_request_error", "permission_error"


@dataclass(frozen=True, slots=True)
class WireError:
    """How an error looks on the wire: HTTP status, ``code``, ``type``, and headers."""

    status: int
    code: str
    type: str
    headers: Mapping[str, str] = field(default_factory=dict)


_INVALID = WireError(400, "invalid_request", _BAD)
_NO_KEY = WireError(401, "invalid_api_key", "authentication_error", {"www-authenticate": "Bearer"})
_NOT_FOUND = WireError(404, "not_found", _BAD)
_TOO_OFTEN = WireError(429, "rate_limit_exceeded", "rate_limit_error")
_INTERNAL = WireError(500, "internal_error", "api_error")

# Whatever is not named is something about jobs, which this API does not speak of.
STUDIO_ERRORS: Mapping[ErrorCode, WireError] = {
    **dict.fromkeys(ErrorCode, _INVALID),
    ErrorCode.INVALID_KEY: _NO_KEY,
    ErrorCode.KEY_EXPIRED: _NO_KEY,
    ErrorCode.KEY_DISABLED: _NO_KEY,
    ErrorCode.SCOPE_MISSING: WireError(403, "insufficient_permissions", _DENIED),
    ErrorCode.IP_NOT_ALLOWED: WireError(403, "ip_not_allowed", _DENIED),
    ErrorCode.RATE_LIMITED: _TOO_OFTEN,
    ErrorCode.ACCOUNT_NOT_FOUND: _NOT_FOUND,
    ErrorCode.KEY_NOT_FOUND: _NOT_FOUND,
    ErrorCode.UPSTREAM_NOT_FOUND: _NOT_FOUND,
    ErrorCode.NOT_READY: WireError(409, "not_ready", _BAD),
    ErrorCode.NAME_TAKEN: WireError(409, "name_taken", _BAD),
    ErrorCode.IDEMPOTENCY_CONFLICT: WireError(409, "idempotency_conflict", _BAD),
}

REFUSALS: Mapping[RefusalCode, WireError] = {
    **dict.fromkeys(RefusalCode, _INVALID),
    RefusalCode.NO_ROUTE: _NOT_FOUND,
    RefusalCode.WRONG_METHOD: WireError(405, "method_not_allowed", _BAD),
    RefusalCode.RATE_LIMITED: _TOO_OFTEN,
    RefusalCode.INTERNAL: _INTERNAL,
}


def studio_error_response(error: HinodeError) -> Response:
    """Answer a studio error."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return _response(STUDIO_ERRORS[error.code], str(error), headers)


def refusal_response(refusal: Refusal) -> Response:
    """Answer a refusal of the HTTP side."""
    return _response(REFUSALS[refusal.code], refusal.message, refusal.headers)


def _response(wire: WireError, message: str, headers: Mapping[str, str]) -> Response:
    error = {"code": wire.code, "message": message, "type": wire.type}
    return Response(
        dump({"error": error}),
        wire.status,
        {**wire.headers, **headers},
        media_type="application/json",
    )
