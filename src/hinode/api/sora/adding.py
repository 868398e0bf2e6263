"""How this dialect's routes are put onto the application and into the API document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from hinode.api.direct import Endpoint
from hinode.api.sora.wire import SoraErrorEnvelope

TAG = "Sora backend dialect"
_FAILURES: dict[int, str] = {
    400: "`invalid_request`: a field is missing or wrong; the message says which rule.",
    401: "`token_expired`, `token_invalidated`",
    403: "The plan or the operator does not allow it.",
    404: "There is no such thing in this account.",
    429: "`too_many_concurrent_tasks`, or `rate_limit_exhausted` at the top level.",
    500: "`internal_error`",
    503: "`heavy_load`",
}


def add(
    app: FastAPI,
    method: str,
    path: str,
    endpoint: Endpoint,
    operation: str,
    answer: type[BaseModel] | None,
    *statuses: int,
    open_to_all: bool = False,
    **extra: Any,
) -> None:
    """Add one route; ``answer`` is the shape of its 200, None: not JSON, or any object.

    ``statuses`` are its failures besides 500 and, unless it is ``open_to_all``, 401.
    """
    known = (*statuses, 500) if open_to_all else (401, *statuses, 500)
    failures: dict[int | str, dict[str, Any]] = {
        status: {"model": SoraErrorEnvelope, "description": _FAILURES[status]} for status in known
    }
    failures["default"] = {"model": SoraErrorEnvelope, "description": "Any other failure."}
    success: dict[str, Any] = {"description": "Done."} if answer is None else {"model": answer}
    security: list[dict[str, list[str]]] = [] if open_to_all else [{"key": []}]
    app.add_api_route(
        path,
        endpoint,
        methods=[method],
        operation_id=operation,
        tags=[TAG],
        response_model=None,
        response_class=Response,
        responses={200: success, **failures},
        openapi_extra={"security": security, **extra},
    )
