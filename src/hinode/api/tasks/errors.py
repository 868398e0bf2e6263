"""Error responses of the tasks dialect.

Codes, statuses and types are those of the API's documentation; what it does not cover, such as
missing scopes and unknown paths, has the default codes.
"""

from __future__ import annotations

from starlette.responses import Response

from hinode.api.errors import INTERNAL, INVALID, AnyError, ErrorSpec, error_table, plain_response
from hinode.core.errors import ErrorCode

ERRORS = error_table(
    {
        ErrorCode.JOB_NOT_FOUND: ErrorSpec(404, "task_not_found", INVALID),
        ErrorCode.WEBHOOK_UNREACHABLE: ErrorSpec(500, "internal_error", INTERNAL),
    }
)


def respond(error: AnyError) -> Response:
    """Return the response to an error."""
    return plain_response(error, ERRORS[error.code])
