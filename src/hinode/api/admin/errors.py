"""Error responses of the admin API: the defaults, with 409 for conflicts."""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.errors import INVALID, AnyError, ErrorSpec, error_table, plain_response
from hinode.core.errors import ErrorCode

ERRORS = error_table(
    {
        ErrorCode.NOT_READY: ErrorSpec(409, "not_ready", INVALID),
        ErrorCode.NAME_TAKEN: ErrorSpec(409, "name_taken", INVALID),
    }
)


def respond(error: AnyError) -> Response:
    """Return the response to an error."""
    return plain_response(error, ERRORS[error.code])
