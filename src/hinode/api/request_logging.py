"""The outermost middleware: request id, timing, access log, response to unhandled exceptions.

Pure ASGI: Starlette's ``BaseHTTPMiddleware`` adds a task and a stream to every request, which take
longer than most handlers.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hinode.api.metrics import Metrics
from hinode.core.host_failure_log import HostFailureLog
from hinode.core.host_failures import host_failure

REQUEST_ID = "x-request-id"
UNMATCHED = "unmatched"
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
_QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
_CLIENT_GONE = 499

FailedResponse = Callable[[Scope, Exception], Response]
log = structlog.get_logger("hinode.http")


@dataclass(slots=True)
class _Exchange:
    """One request and its response."""

    scope: Scope
    send: Send
    metrics: Metrics
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0

    async def pass_on(self, message: Message) -> None:
        """Send a message; at the start of the response, add headers and record metrics."""
        if message["type"] == "http.response.start":
            elapsed = time.perf_counter() - self.started
            self.status = message["status"]
            headers = message.setdefault("headers", [])
            headers.append((b"x-request-id", self.request_id.encode()))
            headers.append((b"openai-processing-ms", str(round(elapsed * 1000)).encode()))
            method = self.scope["method"]
            self.metrics.count_request(method, self.route, self.status, elapsed)
        await self.send(message)

    @property
    def route(self) -> str:
        """The path template of the matched route, such as ``/v1/videos/{video_id}``."""
        return getattr(self.scope.get("route"), "path", UNMATCHED)

    def log_line(self) -> None:
        """Write the access log line, without headers, bodies and query strings."""
        write = log.debug if self.route in _QUIET_ROUTES else log.info
        write(
            "request",
            method=self.scope["method"],
            route=self.route,
            status=self.status or _CLIENT_GONE,
            ms=round((time.perf_counter() - self.started) * 1000, 1),
        )


@dataclass(frozen=True, slots=True)
class RequestLoggingMiddleware:
    """The outermost middleware; ``failed`` returns the response to an unhandled exception."""

    app: ASGIApp
    metrics: Metrics
    failed: FailedResponse
    host_failures: HostFailureLog = field(default_factory=lambda: HostFailureLog("requests"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self.metrics, _request_id(scope))
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            try:
                await self._serve(exchange, receive)
            finally:
                exchange.log_line()

    async def _serve(self, exchange: _Exchange, receive: Receive) -> None:
        try:
            await self.app(exchange.scope, receive, exchange.pass_on)
        except ClientDisconnect:
            log.debug("the client disconnected")
        except Exception as error:
            self._record(exchange, error)
            if exchange.status:
                raise  # the response has started: only closing the connection signals the failure
            response = self.failed(exchange.scope, error)
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
    return f"req_{secrets.token_hex(16)}"
