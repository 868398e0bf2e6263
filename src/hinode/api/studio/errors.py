"""Error responses of the web app's calls: the defaults, with the field at fault."""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.errors import (
    BEARER,
    INVALID,
    UNAUTHENTICATED,
    AnyError,
    ErrorSpec,
    error_response,
    error_table,
)
from hinode.core.errors import ErrorCode

ERRORS = error_table(
    {
        ErrorCode.NOT_READY: ErrorSpec(409, "not_ready", INVALID),
        ErrorCode.NAME_TAKEN: ErrorSpec(409, "name_taken", INVALID),
        ErrorCode.ACCESS_EXPIRED: ErrorSpec(401, "token_expired", UNAUTHENTICATED, BEARER),
        ErrorCode.ACCESS_REVOKED: ErrorSpec(401, "token_invalidated", UNAUTHENTICATED, BEARER),
        ErrorCode.INVALID_CREDENTIALS: ErrorSpec(401, "login_refused", UNAUTHENTICATED),
        ErrorCode.INVITE_INVALID: ErrorSpec(400, "invite_invalid", INVALID),
    }
)


def respond(error: AnyError) -> Response:
    """Return the response to an error."""
    spec = ERRORS[error.code]
    members = {
        "code": spec.code, "message": str(error), "type": spec.type, "param": error.param,
    }  # fmt: skip
    return error_response(error, spec, {"error": members})
