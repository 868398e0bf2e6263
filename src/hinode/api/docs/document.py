"""The OpenAPI document, made from the route table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from hinode._version import __version__
from hinode.api.bodies import JSON
from hinode.api.docs.groups import GROUPS
from hinode.api.routing import Operation, RouteTable
from hinode.api.schema_docs import query_parameters

_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "`Authorization: Bearer sk-…`: an API key, or an access token of the Sora "
    "dialect. `Bearer` may be left out, and the headers `api-key` and `x-api-key` are read too.",
}
_ABOUT = (
    "Renders videos and images. The same jobs, files and credits are reached by three dialects: "
    "OpenAI's videos, images and chat; a task API; and the backend of Sora's web app. "
    "Operations and fields that a dialect has here only are marked as extensions."
)


def openapi_document(table: RouteTable, public_url: str = "") -> dict[str, Any]:
    """Return the OpenAPI document of all documented routes."""
    # FastAPI makes documents and serves nothing: imported when the first one is read.
    from fastapi.openapi.utils import get_openapi
    from fastapi.routing import APIRoute

    routes = [
        APIRoute(
            one.path,
            one.endpoint,
            **{**one.options, "summary": summary},
            openapi_extra=_extra(one),
        )
        for one, summary in zip(table.operations, _summaries(table.operations), strict=True)
    ]
    tags = [{"name": name, "description": text} for name, text in GROUPS.items()]
    made = get_openapi(
        title="Hinode",
        version=__version__,
        description=_ABOUT,
        routes=routes,
        tags=tags,
        servers=_servers(public_url),
    )
    made.setdefault("components", {}).setdefault("securitySchemes", {})["key"] = _KEY
    _complete(made)
    return made


def _extra(one: Operation) -> dict[str, Any]:
    # FastAPI takes the endpoint's docstring where no description is given: the summary once more.
    extra = {"description": one.options["description"], **one.extra}
    if one.body is not None:
        extra["requestBody"] = one.body()
    if one.query is not None:
        extra["parameters"] = [*query_parameters(one.query), *extra.get("parameters", ())]
    return extra


def _summaries(operations: Iterable[Operation]) -> list[str]:
    """Return the summaries, each once: an endpoint may serve several paths, and HEAD with GET."""
    found: list[str] = []
    for one in operations:
        summary = one.options["summary"]
        if one.options["methods"] == ["HEAD"]:
            summary = f"{summary} (headers only)"
        elif summary in found:
            summary = f"{summary} (alias)"
        found.append(summary)
    return found


def _servers(public_url: str) -> list[dict[str, Any]]:
    """Return where the API is: relative to the document, so that a proxy's prefix is kept."""
    here = {"url": "./", "description": "This server, where the document was read."}
    if not public_url:
        return [here]
    return [{"url": public_url.rstrip("/"), "description": "The server's public address."}, here]


def _complete(document: dict[str, Any]) -> None:
    """Add the examples of ``examples.json``, and drop empty descriptions."""
    text = files(__package__).joinpath("examples.json").read_text("utf-8")
    known: Mapping[str, Any] = json.loads(text)
    operations = [one for path in document["paths"].values() for one in path.values()]
    for one in operations:
        if not one["description"]:
            del one["description"]
        example = known.get(one["operationId"], {})
        if "requests" in example:
            one["requestBody"]["content"][JSON]["examples"] = example["requests"]
        if "response" in example:
            success = next(iter(one["responses"].values()))
            success["content"][JSON]["example"] = example["response"]
