"""The route table of the application: one entry serves a route and documents it.

Requests are served by Starlette. FastAPI makes the OpenAPI document from the same entries, and only
when somebody asks for it: its work per request and at start costs more than most handlers.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class RouteDocs:
    """The texts of the OpenAPI document that all routes of a dialect share.

    ``failures`` describes its answers by status: a text, or an OpenAPI response. ``error`` is the
    schema of their bodies. Routes that need credentials also answer with the statuses of
    ``unauthorized``.
    """

    tag: str
    failures: Mapping[int, str | Mapping[str, Any]]
    error: type[BaseModel] | None = None
    unauthorized: Sequence[int] = ()

    def responses(self, statuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
        """Describe failures with these statuses, and any other."""
        model = {} if self.error is None else {"model": self.error}
        described: dict[int | str, dict[str, Any]] = {}
        for status in statuses:
            known = self.failures[status]
            described[status] = {
                **model,
                **({"description": known} if isinstance(known, str) else known),
            }
        if model:
            described["default"] = {**model, "description": "Any other failure."}
        return described


@dataclass(frozen=True, slots=True)
class Operation:
    """A documented route; ``options`` are the arguments of FastAPI's ``APIRoute``."""

    path: str
    endpoint: Endpoint
    options: Mapping[str, Any]


class EndpointRoute(Route):
    """A route that calls its endpoint with the request and the parameters of the path.

    Raises ``TypeError`` when it is made for an endpoint that takes anything else.
    """

    def __init__(self, path: str, endpoint: Endpoint, methods: Sequence[str]) -> None:
        super().__init__(path, endpoint, methods=list(methods))
        # Starlette adds HEAD to GET; a HEAD that is served has an entry of its own.
        self.methods = set(methods)
        names, taken = set(self.param_convertors), list(inspect.signature(endpoint).parameters)
        if not taken or not set(taken[1:]) <= names:
            raise TypeError(f"{path}: its endpoint takes {taken}, not a request and {names}")
        self.app = _serve(endpoint)


@dataclass(slots=True)
class RouteTable:
    """All routes of one application, tried in the order in which they were added."""

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
        body: Mapping[str, Any] | None = None,
        parameters: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Serve and document a route.

        ``response`` is the schema or the content of its answer with the status ``success``; None:
        not described. ``failures`` are the statuses of its failures besides 500; ``body`` and
        ``parameters`` are as OpenAPI has them. A ``public`` route needs no credentials.
        """
        self.hide(path, endpoint, method)
        known = [*(() if public else docs.unauthorized), *failures, *((500,) if docs.error else ())]
        extra: dict[str, Any] = {"security": [] if public else [{"key": []}]}
        if body is not None:
            extra["requestBody"] = body
        if parameters:
            extra["parameters"] = list(parameters)
        options = {
            "methods": [method],
            "operation_id": operation_id,
            "tags": [docs.tag],
            "response_model": None,
            "response_class": Response,
            "status_code": success,
            "responses": {success: _success(response), **docs.responses(known)},
            "openapi_extra": extra,
        }
        self.operations.append(Operation(path, endpoint, options))

    def hide(self, path: str, endpoint: Endpoint, *methods: str) -> None:
        """Serve a route that the OpenAPI document does not show."""
        self.routes.append(EndpointRoute(path, endpoint, methods))


def _success(response: type[BaseModel] | Content | None) -> dict[str, Any]:
    if response is None:
        return {"description": "Done."}
    if isinstance(response, Mapping):
        return {"content": dict(response)}
    return {"model": response}


def _serve(endpoint: Endpoint) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)

    return serve
