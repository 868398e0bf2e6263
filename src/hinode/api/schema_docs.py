"""OpenAPI request bodies and parameters, generated from the schemas that parse them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from hinode.api.bodies import JSON
from hinode.api.routing import BodyDocs

IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A unique key that makes retries safe: a request with the same key and the same "
    "content returns the result of the first one. Keys are kept for 24 hours.",
}


def json_body(schema: type[BaseModel], example: Any = None) -> BodyDocs:
    """Describe the body of a route that accepts JSON, with nested schemas inline."""

    def make() -> Mapping[str, Any]:
        body = request_body(schema, JSON)()
        if example is not None:
            body["content"][JSON]["example"] = example
        return body

    return make


def request_body(schema: type[BaseModel], *content_types: str) -> BodyDocs:
    """Describe the body of a route that accepts these content types."""

    def make() -> Mapping[str, Any]:
        described = _inline(schema.model_json_schema())
        content = {kind: {"schema": described} for kind in content_types}
        return {"required": True, "content": content}

    return make


def query_parameters(schema: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the OpenAPI query parameters of a route, one per field of ``schema``."""
    described = _inline(schema.model_json_schema())
    return [_query_parameter(name, field) for name, field in described["properties"].items()]


def _query_parameter(name: str, field: dict[str, Any]) -> dict[str, Any]:
    schema = _without_null(field)
    text = schema.pop("description", "")
    return {"name": name, "in": "query", "description": text, "schema": schema}


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
    """Return the schema of a query parameter: optional, but never null."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "title")}
    if kept.get("default", "") is None:
        del kept["default"]
    options = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    return {**kept, **options[0]} if options else kept
