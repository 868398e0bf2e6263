"""Request bodies, parameters and error examples of the OpenAI dialect's OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from hinode.api.bodies import JSON, MULTIPART, URLENCODED
from hinode.api.openai.errors import ERRORS
from hinode.api.openai.schemas import ErrorEnvelope
from hinode.api.request_errors import RequestErrorCode
from hinode.api.routing import BodyDocs, RouteDocs
from hinode.core.errors import ErrorCode

_CREATE_EXAMPLES = {
    "text": {
        "summary": "Text to video",
        "value": {
            "prompt": "A red fox runs through snow, drone shot",
            "model": "sora-2",
            "seconds": "4",
            "size": "1280x720",
        },
    },
    "picture": {
        "summary": "Image to video",
        "value": {
            "prompt": "The camera pans slowly to the right",
            "input_reference": {"image_url": "https://example.com/first-frame.png"},
        },
    },
}
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


def query_of(schema: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the OpenAPI query parameters of a schema; all are optional."""
    fields = inline(schema)["properties"]
    return [
        query(
            name, {k: v for k, v in one.items() if k != "description"}, one.get("description", "")
        )
        for name, one in fields.items()
    ]


def query(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    """Return an OpenAPI query parameter that is optional."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A unique key that makes retries safe: a request with the same key and the same "
    "content returns the job of the first one. Keys are kept for 24 hours.",
}
BINARY = {"schema": {"type": "string", "format": "binary"}}


def body_of(
    schema: type[BaseModel],
    examples: Mapping[str, Any] = _CREATE_EXAMPLES,
    *,
    required: bool = True,
) -> BodyDocs:
    """Describe the body of a route that accepts forms and JSON."""

    def make() -> Mapping[str, Any]:
        described = inline(schema)
        as_form = {"schema": _form(described)}
        as_json = {"schema": _json(described), "examples": examples}
        content = {MULTIPART: as_form, JSON: as_json, URLENCODED: as_form}
        return {"required": required, "content": content}

    return make


def form_of(schema: type[BaseModel]) -> BodyDocs:
    """Describe the body of a route that accepts multipart forms only."""

    def make() -> Mapping[str, Any]:
        content = {MULTIPART: {"schema": _form(inline(schema))}}
        return {"required": True, "content": content}

    return make


def _form(node: Any) -> Any:
    """Return the schema of a form: ``x-form``, where present, replaces a field's schema."""
    if isinstance(node, list):
        return [_form(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-form" in node:
        described = {key: node[key] for key in ("description", "title") if key in node}
        return {**node["x-form"], **described}
    return {key: _form(value) for key, value in node.items()}


def _json(node: Any) -> Any:
    if isinstance(node, list):
        return [_json(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _json(value) for key, value in node.items() if key != "x-form"}


def _failure(code: ErrorCode | RequestErrorCode, message: str, param: str | None) -> dict[str, Any]:
    wire = ERRORS[code]
    error = {"message": message, "type": wire.type, "param": param, "code": wire.code}
    return {"description": message, "content": {JSON: {"example": {"error": error}}}}


DOCS = RouteDocs(
    "OpenAI dialect",
    {status: _failure(*example) for status, example in _FAILURE_EXAMPLES.items()},
    ErrorEnvelope,
    (401, 403),
)


def inline(model: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
    """Return the JSON schema of a model with all references resolved inline."""
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    schema = adapter.json_schema()
    definitions = schema.pop("$defs", {})
    return dict(_resolve(schema, definitions))


def _resolve(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolve(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolve(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    return {key: _resolve(value, definitions) for key, value in node.items()}
