"""The ASGI application: middleware, exception handlers, routes of all dialects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from hinode.api import (
    character_image_urls,
    ops,
    signed_files,
    upstream_callbacks,
    web_app,
)
from hinode.api.admin import routes as admin
from hinode.api.auth import secret_of
from hinode.api.client_address import ClientAddressMiddleware
from hinode.api.context import ApiContext
from hinode.api.docs import routes as docs
from hinode.api.errors import NO_RETRY, RETRY
from hinode.api.metrics import Metrics
from hinode.api.near_paths import near_path
from hinode.api.openai import errors
from hinode.api.openai import routes as openai
from hinode.api.path_alias import PathAliasMiddleware, path_below
from hinode.api.request_errors import RequestError, RequestErrorCode, no_route
from hinode.api.request_logging import RequestLoggingMiddleware
from hinode.api.response_headers import (
    added_headers,
    allow_header,
    is_preflight,
    options_response,
)
from hinode.api.route_index import RouteIndex
from hinode.api.routing import EndpointRoute, RouteTable
from hinode.api.signed_urls import is_signed_path, nothing_there
from hinode.api.simulation_middleware import SimulationMiddleware
from hinode.api.sora import routes as sora
from hinode.api.studio import routes as studio
from hinode.api.tasks import routes as tasks
from hinode.core.errors import HinodeError
from hinode.core.host_failures import HostFailure, host_failure, may_have_committed

_DIALECTS = (
    studio.DIALECT_ERRORS,
    admin.DIALECT_ERRORS,
    tasks.DIALECT_ERRORS,
    sora.DIALECT_ERRORS,
)
# In the order of matching: polled routes first, and the tasks dialect before the OpenAI one, whose
# `/v1/videos/{video_id}` would match `/v1/videos/generations`.
_PARTS = (
    tasks,
    openai,
    sora,
    signed_files,
    character_image_urls,
    upstream_callbacks,
    admin,
    studio,
    web_app,
)
_SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "DELETE"})
_HOST_RETRY_SECONDS = 5


def build_application(context: ApiContext, lifespan: Lifespan[Starlette]) -> Starlette:
    """Build the application; ``state.openapi`` is a function that returns the OpenAPI document."""
    metrics, table = Metrics(), RouteTable()
    for part in _PARTS:
        part.add_routes(table, context)
    ops.add_routes(table, context, metrics)
    document = docs.add_routes(table, context)
    app = Application(table.routes, _middleware(context, metrics), lifespan)
    app.state.openapi = document
    app.state.documented_paths = table.documented_paths("/v1/")
    app.state.strict_fields = context.strict_fields
    return app


def build_probes(context: ApiContext) -> Starlette:
    """Build the application of a worker's own listener: liveness, readiness and metrics."""
    metrics, table = Metrics(), RouteTable()
    ops.add_routes(table, context, metrics, strict=True)
    logged = Middleware(RequestLoggingMiddleware, metrics=metrics, respond=_respond)
    app = Application(table.routes, [logged])
    app.state.documented_paths = {}
    return app


class Application(Starlette):
    """Starlette's application, with an index of its routes, whose errors the middleware answers.

    Starlette's own stack tries the routes one after the other, and sends each message of a response
    through four more calls.
    """

    def __init__(
        self,
        routes: Sequence[EndpointRoute],
        middleware: Sequence[Middleware],
        lifespan: Lifespan[Starlette] | None = None,
    ) -> None:
        super().__init__(routes=routes, middleware=middleware, lifespan=lifespan)
        self.index = RouteIndex(routes)

    def build_middleware_stack(self) -> ASGIApp:
        """Return the application behind its middleware, without Starlette's handlers of errors."""
        app: ASGIApp = self._serve
        for make, args, kwargs in reversed(self.user_middleware):
            app = make(app, *args, **kwargs)
        return app

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.router(scope, receive, send)
            return
        path = path_below(scope)
        found = self.index.find(scope["method"], path)
        if found is None:
            here = self.index.routes_at(path)
            scope["route"] = here[0] if here else None
            methods = {method for route in here for method in route.methods or ()}
            await _unmatched(Request(scope), methods)(scope, receive, send)
            return
        scope["route"], scope["path_params"] = found
        await found[0].app(scope, receive, send)


def _middleware(context: ApiContext, metrics: Metrics) -> list[Middleware]:
    """Return the middleware, the outermost first."""
    return [
        Middleware(
            RequestLoggingMiddleware, metrics=metrics, respond=_respond, added=added_headers
        ),
        Middleware(ClientAddressMiddleware, trusted=context.trusted_proxies),
        Middleware(PathAliasMiddleware),
        Middleware(SimulationMiddleware, context=context, secret_of=secret_of, refused=_refused),
    ]


def _refused(scope: Scope, error: HinodeError | RequestError) -> Response:
    """Return an error's response in the dialect of the path; elsewhere, in the OpenAI dialect's."""
    path = path_below(scope)
    owner = next((one for one in _DIALECTS if one.owns(path)), None)
    return owner.respond(error) if owner else errors.respond(error)


def _unmatched(request: Request, methods: set[str]) -> Response:
    """Return 404 for an unknown path and 405, with ``Allow``, for an unknown method.

    OPTIONS has no routes: it is answered here.
    """
    # A preflight of an unknown path is answered too, or scripts could not read the 404.
    if request.method == "OPTIONS" and (methods or is_preflight(request)):
        return options_response(request, methods)
    if not methods:
        path = path_below(request.scope)
        nothing = nothing_there() if is_signed_path(path) else _no_route(request, path)
        return _refused(request.scope, nothing)
    allowed = allow_header(methods)
    message = f"{request.method[:20]} is not served here; {allowed} is."
    wrong_method = RequestError(RequestErrorCode.WRONG_METHOD, message, headers={"allow": allowed})
    return _refused(request.scope, wrong_method)


def _no_route(request: Request, path: str) -> RequestError:
    served: Mapping[str, Collection[str]] = request.app.state.documented_paths
    return no_route(request.url.path, near_path(path, served.get(request.method, ())))


def _respond(scope: Scope, error: Exception) -> Response:
    """Return the response to what a route raised."""
    if isinstance(error, HinodeError | RequestError):
        return _refused(scope, error)
    return _failed(scope, error)


def _failed(scope: Scope, error: Exception) -> Response:
    """Return the response to an unhandled exception; its cause goes to the log only.

    The official SDKs retry after a 5xx. A create without an idempotency key may have committed, so
    the response tells them not to.
    """
    failure = host_failure(error)
    if failure is not None:
        return _refused(scope, _host_failed(scope, failure, error))
    internal = RequestError(
        RequestErrorCode.INTERNAL,
        "The server failed; its log has this request's id.",
        headers={} if _is_repeatable(scope) else NO_RETRY,
    )
    return _refused(scope, internal)


def _host_failed(scope: Scope, failure: HostFailure, error: Exception) -> RequestError:
    """Return the error for a failure of the host: 507 if a disk is full, else 503."""
    retry = RETRY if _is_repeatable(scope) or not may_have_committed(error) else NO_RETRY
    headers = {"retry-after": str(_HOST_RETRY_SECONDS), **retry}
    if failure is HostFailure.DISK_FULL:
        message = "The server has no room left; nothing was made. Try again later."
        return RequestError(RequestErrorCode.OUT_OF_SPACE, message, headers=headers)
    message = "The server cannot serve this request now; try again in a moment."
    return RequestError(RequestErrorCode.UNAVAILABLE, message, headers=headers)


def _is_repeatable(scope: Scope) -> bool:
    """Return whether the request is idempotent: by its method, or by its idempotency key."""
    keyed = any(name == b"idempotency-key" for name, _ in scope["headers"])
    return keyed or scope["method"] in _SAFE_TO_REPEAT
