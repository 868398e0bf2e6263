"""The table of the tasks dialect's routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.errors import DialectErrors
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.tasks import errors, schemas
from hinode.api.tasks.queries import DEFAULT, MOST, STATUS_NAMES
from hinode.api.tasks.routes import TaskRoutes
from hinode.api.usage import UsagePage

GENERATIONS = "/v1/videos/generations"
DIALECT_ERRORS = DialectErrors(
    (GENERATIONS, "/v1/tasks", "/v1/credits", "/v1/usage", "/v1/callback_secret", "/v1/callbacks"),
    errors.respond,
)
TAG = "Tasks dialect"

_ONE = "/v1/tasks/{task_id}"
_EXAMPLE = {
    "model": "sora-2",
    "callback_url": "https://your-server.com/webhook",
    "input": {
        "prompt": "无人机航拍日落时分的山脉,电影级光影效果",
        "duration": 8,
        "aspect_ratio": "16:9",
    },
}
_FAILURES: dict[int, str] = {
    400: "`invalid_request`: a parameter is missing or wrong; the message says which rule.",
    401: "`invalid_api_key`",
    402: "`insufficient_credits`: nothing was held.",
    403: "`insufficient_permissions`: the key lacks the scope `tasks`.",
    404: "`task_not_found`, `model_not_found`; `not_found` of a callback.",
    409: "`idempotency_conflict`: the key came with another request before.",
    429: "`rate_limit_exceeded`, `spend_limit_exceeded`",
    500: "`internal_error`",
    503: "`upstream_error`: the engines' queue is full; nothing was held.",
}
_DOCS = RouteDocs(TAG, _FAILURES, schemas.TaskErrorEnvelope, (401, 403))
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Kept for 24 hours.",
}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the dialect; before the routes of one video, whose id `generations` would be."""
    tasks = TaskRoutes(context)
    table.add(
        _DOCS, "POST", GENERATIONS, tasks.create, "createTask", schemas.TaskCreated,
        400, 402, 404, 409, 429, 503, parameters=[_IDEMPOTENCY], body=_body(),
    )  # fmt: skip
    table.hide(GENERATIONS, tasks.not_here, "GET", "HEAD", "PUT", "PATCH", "DELETE")
    table.add(
        _DOCS, "GET", "/v1/tasks", tasks.listing, "listTasks", schemas.TaskPage, 400, 404,
        parameters=[
            _query("status", {"type": "string", "enum": list(STATUS_NAMES)}),
            _query("model", {"type": "string"}),
            *_PAGE,
        ],
    )  # fmt: skip
    table.add(_DOCS, "GET", _ONE, tasks.retrieve, "retrieveTask", schemas.TaskAnswer, 404)
    table.add(_DOCS, "DELETE", _ONE, tasks.remove, "removeTask", schemas.TaskRemoved, 400, 404)
    table.add(_DOCS, "GET", "/v1/credits", tasks.credits, "retrieveCredits", schemas.Credits)
    day = {"type": "string", "format": "date"}
    table.add(
        _DOCS, "GET", "/v1/usage", tasks.usage, "retrieveUsage", UsagePage, 400,
        parameters=[_query("from", day), _query("to", day)],
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/callback_secret", tasks.callback_secret, "retrieveCallbackSecret",
        schemas.CallbackSecret,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/callback_secret/rotate", tasks.rotate_secret, "rotateCallbackSecret",
        schemas.RotatedSecret,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/callbacks", tasks.callbacks, "listCallbacks", schemas.CallbackPage, 400,
        parameters=_PAGE,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/v1/callbacks/{callback_id}/resend", tasks.resend, "resendCallback",
        schemas.SentCallback, 404,
    )  # fmt: skip


def _body() -> dict[str, Any]:
    schema = schemas.CreateTask.model_json_schema()
    schema["properties"]["input"] = schema.pop("$defs")["TaskInput"]
    content = {"application/json": {"schema": schema, "example": _EXAMPLE}}
    return {"required": True, "content": content}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_PAGE = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}),
    _query("cursor", {"type": "string"}),
]
