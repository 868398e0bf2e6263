"""The outermost middleware: request id, timing, access log, response to exceptions.

Pure ASGI: Starlette's ``BaseHTTPMiddleware`` adds a task and a stream to every request, which take
longer than most handlers.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hinode.api.metrics import Metrics
from hinode.api.request_errors import RequestError
from hinode.core.errors import HinodeError
from hinode.core.host_failure_log import HostFailureLog
from hinode.core.host_failures import host_failure
from hinode.kit.log_context import log_fields

REQUEST_ID = "x-request-id"
UNMATCHED = "unmatched"
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
_QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
_CLIENT_GONE = 499

ErrorResponse = Callable[[Scope, Exception], Response]
AddedHeaders = Callable[[Scope], Iterable[tuple[bytes, bytes]]]
log = structlog.get_logger("hinode.http")


@dataclass(slots=True)
class _Exchange:
    """One request and its response."""

    scope: Scope
    send: Send
    metrics: Metrics
    added: AddedHeaders
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0

    async def pass_on(self, message: Message) -> None:
        """Send a message; at the start of the response, add headers and record metrics."""
        if message["type"] == "http.response.start":
            elapsed = time.perf_counter() - self.started
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self.request_id.encode()),
                (b"openai-processing-ms", b"%d" % round(elapsed * 1000)),
                *self.added(self.scope),  # here, after aliases of paths were rewritten
            ]
            method = self.scope["method"]
            self.metrics.count_request(method, self.route, self.status, elapsed)
        await self.send(message)

    @property
    def route(self) -> str:
        """The path template of the matched route, such as ``/v1/videos/{video_id}``."""
        return getattr(self.scope.get("route"), "path", UNMATCHED)

    def log_line(self, logger: Any) -> None:
        """Write the access log line, without headers, bodies and query strings."""
        route = self.route
        write = logger.debug if route in _QUIET_ROUTES else logger.info
        write(
            "request",
            method=self.scope["method"],
            route=route,
            status=self.status or _CLIENT_GONE,
            ms=round((time.perf_counter() - self.started) * 1000, 1),
        )


@dataclass(frozen=True, slots=True)
class RequestLoggingMiddleware:
    """The outermost middleware, so that no response is without its headers.

    ``respond`` returns the response to an exception, ``added`` more headers of each response.
    """

    app: ASGIApp
    metrics: Metrics
    respond: ErrorResponse
    added: AddedHeaders = lambda _scope: ()
    host_failures: HostFailureLog = field(default_factory=lambda: HostFailureLog("requests"))
    # Bound once: a logger of structlog's is otherwise made anew for each line.
    logger: Any = field(default_factory=log.bind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self.metrics, self.added, _request_id(scope))
        with log_fields(request_id=exchange.request_id):
            try:
                await self._serve(exchange, receive)
            finally:
                exchange.log_line(self.logger)

    async def _serve(self, exchange: _Exchange, receive: Receive) -> None:
        try:
            await self.app(exchange.scope, receive, exchange.pass_on)
        except ClientDisconnect:
            log.debug("the client disconnected")
        except Exception as error:
            if exchange.status or not isinstance(error, HinodeError | RequestError):
                self._record(exchange, error)
            if exchange.status:
                raise  # the response has started: only closing the connection signals the failure
            await self._respond(exchange, receive, error)

    async def _respond(self, exchange: _Exchange, receive: Receive, error: Exception) -> None:
        response = self.respond(exchange.scope, error)
        await response(exchange.scope, receive, exchange.pass_on)

    def _record(self, exchange: _Exchange, error: Exception) -> None:
        failure = host_failure(error)
        if failure is None:
            log.exception("a request failed unexpectedly", route=exchange.route)
        else:
            self.host_failures.record(failure, error)


def _request_id(scope: Scope) -> str:
    """Return the client's ``X-Request-Id`` if it is well-formed, else a new id."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            given: str = value.decode()
            return given
    # No secret: 128 bits of a generator that each process seeds anew, without a system call.
    return f"req_{random.getrandbits(128):032x}"
