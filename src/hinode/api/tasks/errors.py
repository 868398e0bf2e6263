"""The errors of the tasks dialect.

The documented codes have their documented status and type; for what the document does not know
(keys without a scope, paths without a route) the codes are ours.
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
    """Return an error's response."""
    return plain_response(error, ERRORS[error.code])
