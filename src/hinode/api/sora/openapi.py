"""The parts of the API document that all routes of this dialect share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hinode.api.routing import RouteDocs
from hinode.api.sora.schemas import SoraErrorEnvelope

JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)
DOCS = RouteDocs(
    "Sora backend dialect",
    {
        400: "`invalid_request`: a field is missing or wrong; the message says which rule.",
        401: "`token_expired`, `token_invalidated`",
        403: "The plan or the operator does not allow it.",
        404: "There is no such thing in this account.",
        429: "`too_many_concurrent_tasks`, or `rate_limit_exhausted` at the top level.",
        500: "`internal_error`",
        503: "`heavy_load`",
    },
    SoraErrorEnvelope,
    (401,),
)


def request_body(schema: type[BaseModel], *content_types: str) -> dict[str, Any]:
    """Return a request body as OpenAPI has it; JSON where no content type is named."""
    document = _inlined(schema.model_json_schema())
    return {
        "required": True,
        "content": {kind: {"schema": document} for kind in content_types or (JSON,)},
    }


def query_parameters(schema: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the fields of a query's schema as OpenAPI has parameters."""
    properties = _inlined(schema.model_json_schema())["properties"]
    return [
        {"name": name, "in": "query", "schema": _without_null(one)}
        for name, one in properties.items()
    ]


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    """Drop the null of a parameter, which a query cannot spell."""
    branches = [one for one in value.get("anyOf", ()) if one != {"type": "null"}]
    if len(branches) != 1:
        return value
    rest = {key: one for key, one in value.items() if key not in ("anyOf", "default")}
    default = {} if value.get("default") is None else {"default": value["default"]}
    return {**branches[0], **rest, **default}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions in the place of what refers to them; none of ours refers to itself."""
    definitions = schema.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, list):
            return [inline(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return inline(definitions[value["$ref"].rpartition("/")[2]])
        return {key: inline(one) for key, one in value.items()}

    found: dict[str, Any] = inline(schema)
    return found
