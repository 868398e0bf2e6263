"""An application whose requests go straight to their endpoints.

FastAPI documents the routes and keeps the lifespan. What it does for each request besides (trying
one route after another, solving dependencies, validating parameters, exit stacks, telemetry) our
endpoints and middleware do for themselves or do not need, and it costs more than most of our verbs.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from hinode.api.prefix import path_below

Endpoint = Callable[..., Awaitable[Response]]
Place = tuple[str, int, str, str]
"""A method, the number of a path's words, the first word, and the second if it is fixed."""


class DirectApp(FastAPI):
    """A FastAPI whose routes are all of this module's kind."""

    def __init__(self, **options: Any) -> None:
        silent = TelemetryConfig(tracing=False, metrics=False, logs=False)
        super().__init__(
            docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=silent, **options
        )
        self.router.route_class = DirectRoute

    def build_middleware_stack(self) -> ASGIApp:
        """Put the middleware around the routes; the outermost one has to answer what is raised."""
        app: ASGIApp = ExceptionMiddleware(Switch(self.router), handlers=self.exception_handlers)
        for kind, arguments, options in reversed(self.user_middleware):
            app = kind(app, *arguments, **options)
        return app


class DirectRoute(APIRoute):
    """A route whose endpoint is ``async (request, **path parameters) -> Response``.

    Raises ``TypeError`` when it is made for an endpoint that asks for anything else.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        words, asked = set(self.param_convertors), list(inspect.signature(endpoint).parameters)
        if not asked or not set(asked[1:]) <= words:
            raise TypeError(f"{path}: its endpoint takes {asked}, not a request and {words}")
        self.app = _serving(endpoint)


class Switch:
    """Finds the route of a request by its place; what has none is left to the router."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._places: defaultdict[Place, list[DirectRoute]] = defaultdict(list)
        for route in router.routes:
            # The last word of some paths may hold slashes: these have no place.
            if isinstance(route, DirectRoute) and ":path}" not in route.path:
                for method in route.methods or ():
                    self._places[_place(method, route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        route = self._find(scope) if scope["type"] == "http" else None
        if route is None:
            await self._router(scope, receive, send)
        else:
            await route.handle(scope, receive, send)

    def _find(self, scope: Scope) -> DirectRoute | None:
        place = _place(scope["method"], path_below(scope))
        for one in (place, (*place[:3], "")):
            for route in self._places.get(one, ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    return route
        return None


def _place(method: str, path: str) -> Place:
    _, first, second, *_ = (*path.split("/", 3), "", "")
    return method, path.count("/"), first, "" if "{" in second else second


def _serving(endpoint: Endpoint) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        response = await endpoint(Request(scope, receive, send), **scope["path_params"])
        await response(scope, receive, send)

    return serve
