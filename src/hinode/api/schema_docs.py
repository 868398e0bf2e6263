"""OpenAPI descriptions of requests, made from the schemas that parse them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hinode.api.bodies import JSON

IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Kept for 24 hours.",
}


def json_body(schema: type[BaseModel], example: Any = None) -> dict[str, Any]:
    """Return the request body of a route that takes JSON; nested schemas are written inline."""
    body = request_body(schema, JSON)
    if example is not None:
        body["content"][JSON]["example"] = example
    return body


def request_body(schema: type[BaseModel], *content_types: str) -> dict[str, Any]:
    """Return the request body of a route that takes these content types."""
    described = _inline(schema.model_json_schema())
    content = {kind: {"schema": described} for kind in content_types}
    return {"required": True, "content": content}


def query_parameters(schema: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the parameters of a route whose query string a schema parses."""
    described = _inline(schema.model_json_schema())
    return [
        {"name": name, "in": "query", "schema": _without_null(field)}
        for name, field in described["properties"].items()
    ]


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return resolve({**definitions[name], **rest})
        return {key: resolve(value) for key, value in node.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: it may be absent, but never null."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "title")}
    if kept.get("default", "") is None:
        del kept["default"]
    options = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    return {**kept, **options[0]} if options else kept
