"""OpenAPI request bodies and parameters, generated from the schemas that parse them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from hinode.api.bodies import JSON, MULTIPART, URLENCODED
from hinode.api.routing import BodyDocs

BINARY: Mapping[str, Any] = {"schema": {"type": "string", "format": "binary"}}
"""The content of a file."""

IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A unique key that makes retries safe: a request with the same key and the same "
    "content returns the result of the first one. Keys are kept for 24 hours.",
}


def json_body(schema: type[BaseModel]) -> BodyDocs:
    """Describe the body of a route that accepts JSON."""
    return request_body(schema, JSON)


def form_body(schema: type[BaseModel]) -> BodyDocs:
    """Describe the body of a route that accepts multipart forms."""
    return request_body(schema, MULTIPART)


def any_body(schema: type[BaseModel], *, required: bool = True) -> BodyDocs:
    """Describe the body of a route that accepts both forms and JSON."""
    return request_body(schema, MULTIPART, JSON, URLENCODED, required=required)


def request_body(schema: type[BaseModel], *content_types: str, required: bool = True) -> BodyDocs:
    """Describe the body of a route that accepts these content types."""

    def make() -> Mapping[str, Any]:
        described = inline(schema)
        described_as = {True: _as_json(described), False: _as_form(described)}
        content = {kind: {"schema": described_as[kind == JSON]} for kind in content_types}
        return {"required": required, "content": content}

    return make


def query_parameters(schema: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the OpenAPI query parameters of a route, one per field of ``schema``."""
    return [_query_parameter(name, field) for name, field in inline(schema)["properties"].items()]


def inline(schema: type[BaseModel] | TypeAdapter[Any]) -> dict[str, Any]:
    """Return the JSON schema of a model or type, with nested schemas in their places."""
    adapter = schema if isinstance(schema, TypeAdapter) else TypeAdapter(schema)
    described = adapter.json_schema()
    definitions = described.pop("$defs", {})

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

    resolved: dict[str, Any] = resolve(described)
    return resolved


def _query_parameter(name: str, field: dict[str, Any]) -> dict[str, Any]:
    schema = _without_null(field)
    text = schema.pop("description", "")
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: optional, but never null."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "title")}
    if kept.get("default", "") is None:
        del kept["default"]
    options = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    return {**kept, **options[0]} if options else kept


def _as_form(node: Any) -> Any:
    """Return the schema of a form: ``x-form``, where present, replaces a field's schema."""
    if isinstance(node, list):
        return [_as_form(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "x-form" in node:
        described = {key: node[key] for key in ("description", "title") if key in node}
        return {**node["x-form"], **described}
    return {key: _as_form(value) for key, value in node.items()}


def _as_json(node: Any) -> Any:
    if isinstance(node, list):
        return [_as_json(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _as_json(value) for key, value in node.items() if key != "x-form"}
