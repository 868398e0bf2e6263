"""Error examples of the OpenAI dialect's OpenAPI document."""

from __future__ import annotations

from typing import Any

from hinode.api.bodies import JSON
from hinode.api.openai.errors import ERRORS
from hinode.api.openai.schemas import ErrorEnvelope
from hinode.api.request_errors import RequestErrorCode
from hinode.api.routing import RouteDocs
from hinode.core.errors import ErrorCode

_FAILURE_EXAMPLES: dict[int, tuple[ErrorCode | RequestErrorCode, str, str | None]] = {
    400: (
        ErrorCode.UNSUPPORTED_VALUE,
        "'640x480' is not a size of sora-2. Supported values are: '720x1280', '1280x720'.",
        "size",
    ),
    401: (ErrorCode.INVALID_KEY, "Incorrect API key provided.", None),
    403: (ErrorCode.SCOPE_MISSING, "This API key lacks the scope 'videos'.", None),
    404: (ErrorCode.JOB_NOT_FOUND, "There is no such video in this account.", "id"),
    409: (
        ErrorCode.IDEMPOTENCY_CONFLICT,
        "This Idempotency-Key was used with another request.",
        "Idempotency-Key",
    ),
    413: (RequestErrorCode.BODY_TOO_LARGE, "The request body is larger than 20000000 bytes.", None),
    415: (
        RequestErrorCode.WRONG_CONTENT_TYPE,
        "The Content-Type is 'text/plain'; send multipart/form-data, application/json or "
        "application/x-www-form-urlencoded.",
        None,
    ),
    429: (ErrorCode.INSUFFICIENT_CREDITS, "This job costs more credits than are left.", None),
    500: (RequestErrorCode.INTERNAL, "The server failed; its log has the request id.", None),
}


def _failure(code: ErrorCode | RequestErrorCode, message: str, param: str | None) -> dict[str, Any]:
    wire = ERRORS[code]
    error = {"message": message, "type": wire.type, "param": param, "code": wire.code}
    return {"description": message, "content": {JSON: {"example": {"error": error}}}}


DOCS = RouteDocs(
    "OpenAI",
    {status: _failure(*example) for status, example in _FAILURE_EXAMPLES.items()},
    ErrorEnvelope,
    (401, 403),
)
