"""The route table of the application: one entry serves a route and documents it.

Starlette serves requests. FastAPI only generates the OpenAPI document from the same entries, on
first use: its overhead per request and at start exceeds that of most handlers.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[..., Awaitable[Response]]
"""``async (request, **path parameters) -> Response``."""

Content = Mapping[str, Any]
"""The content of a response by its media type, as OpenAPI has it."""

BodyDocs = Callable[[], Mapping[str, Any]]
"""Makes an OpenAPI request body: all of them together take longer than a start otherwise does."""


@dataclass(frozen=True, slots=True)
class RouteDocs:
    """The parts of the OpenAPI document that all routes of a dialect share.

    ``tag`` is the group of the operations. ``failures`` has a description or an OpenAPI response
    object per error status. ``error`` is the schema of error bodies. Routes that require
    credentials also document the statuses in ``unauthorized``.
    """

    tag: str
    failures: Mapping[int, str | Mapping[str, Any]]
    error: type[BaseModel] | None = None
    unauthorized: Sequence[int] = ()

    def of(self, resource: str) -> RouteDocs:
        """Return the same parts for a group of the dialect: the routes of one resource."""
        return replace(self, tag=f"{self.tag}: {resource}")

    def responses(self, statuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
        """Return the OpenAPI responses of these statuses, and the default error response."""
        model = {} if self.error is None else {"model": self.error}
        described: dict[int | str, dict[str, Any]] = {}
        for status in statuses:
            known = self.failures[status]
            described[status] = {
                **model,
                **({"description": known} if isinstance(known, str) else known),
            }
        if model:
            described["default"] = {**model, "description": "Any other error."}
        return described


@dataclass(frozen=True, slots=True)
class Operation:
    """A documented route.

    ``options`` are arguments of FastAPI's ``APIRoute``; ``extra`` is its OpenAPI object, which
    ``body`` and ``query`` complete when the document is made.
    """

    path: str
    endpoint: Endpoint
    options: Mapping[str, Any]
    extra: Mapping[str, Any]
    body: BodyDocs | None
    query: type[BaseModel] | None


class EndpointRoute(Route):
    """A route that calls its endpoint with the request and the path parameters.

    GET serves HEAD too, without the body.
    Raises ``TypeError`` for an endpoint with any other parameters.
    """

    def __init__(self, path: str, endpoint: Endpoint, methods: Sequence[str]) -> None:
        super().__init__(path, endpoint, methods=list(methods))
        names, taken = set(self.param_convertors), list(inspect.signature(endpoint).parameters)
        if not taken or not set(taken[1:]) <= names:
            raise TypeError(f"{path}: its endpoint takes {taken}, not a request and {names}")
        self.app = _serve(endpoint)


@dataclass(slots=True)
class RouteTable:
    """All routes of one application, matched in the order of their registration."""

    routes: list[EndpointRoute] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)

    def add(
        self,
        docs: RouteDocs,
        method: str,
        path: str,
        endpoint: Endpoint,
        operation_id: str,
        response: type[BaseModel] | Content | None,
        *failures: int,
        success: int = 200,
        public: bool = False,
        body: BodyDocs | None = None,
        query: type[BaseModel] | None = None,
        parameters: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Add a route and its documentation; HEAD is served by GET's route, and only documented.

        The first line of the endpoint's docstring is the summary, the rest the description.
        ``response`` is the schema or the OpenAPI content of the response with status ``success``;
        None leaves it undescribed. ``failures`` are its error statuses besides 500. ``body`` makes
        an OpenAPI object; ``query`` is the schema of the query string, ``parameters`` are OpenAPI
        objects of other ones. A ``public`` route requires no credentials.
        """
        if method != "HEAD":
            self.hide(path, endpoint, method)
        known = [*(() if public else docs.unauthorized), *failures, *((500,) if docs.error else ())]
        extra: dict[str, Any] = {"security": [] if public else [{"key": []}]}
        if parameters:
            extra["parameters"] = list(parameters)
        options = {
            "methods": [method],
            "operation_id": operation_id,
            **_texts(endpoint),
            "tags": [docs.tag],
            "response_model": None,
            "response_class": Response,
            "status_code": success,
            "responses": {success: _success(response), **docs.responses(known)},
        }
        self.operations.append(Operation(path, endpoint, options, extra, body, query))

    def documented_paths(self, below: str) -> Mapping[str, Collection[str]]:
        """Return the path templates of documented routes below a path, by method."""
        found: dict[str, set[str]] = {}
        for one in self.operations:
            if one.path.startswith(below):
                for method in one.options["methods"]:
                    found.setdefault(method, set()).add(one.path)
        return found

    def hide(self, path: str, endpoint: Endpoint, *methods: str) -> None:
        """Add a route without documentation."""
        self.routes.append(EndpointRoute(path, endpoint, methods))


def _texts(endpoint: Endpoint) -> dict[str, str]:
    """Return the summary and the description of an endpoint: its docstring's two parts."""
    summary, _, description = (inspect.getdoc(endpoint) or "").partition("\n")
    return {"summary": summary.rstrip("."), "description": description.strip()}


def _success(response: type[BaseModel] | Content | None) -> dict[str, Any]:
    if response is None:
        return {"description": "Success."}
    if isinstance(response, Mapping):
        return {"content": dict(response)}
    return {"model": response}


def _serve(endpoint: Endpoint) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send), **scope["path_params"])
        if scope["method"] == "HEAD":
            await _send_head(response, send)
        else:
            await response(scope, receive, send)

    return serve


async def _send_head(response: Response, send: Send) -> None:
    """Send a response's status and headers; its body, maybe a long stream, is never begun."""
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    await send({"type": "http.response.body", "body": b""})
