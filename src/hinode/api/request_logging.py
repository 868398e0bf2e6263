"""The outermost middleware: request id, timing, access log, and the response to the unexpected.

Pure ASGI, because a wrapper that makes tasks and streams of its own costs more than our routes.
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

from hinode.api.host_failure_log import HostFailureLog
from hinode.api.metrics import Metrics
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
    """One request as it is seen from outside."""

    scope: Scope
    send: Send
    metrics: Metrics
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    status: int = 0

    async def pass_on(self, message: Message) -> None:
        """Send a message; headers and metrics are added where the answer begins."""
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
        """The template of the matched route; paths hold ids, templates do not."""
        return getattr(self.scope.get("route"), "path", UNMATCHED)

    def log_line(self) -> None:
        """Write the access line: never headers, bodies or queries."""
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
    """The outermost middleware. ``failed`` makes the response to an unexpected error."""

    app: ASGIApp
    metrics: Metrics
    failed: FailedResponse
    host_failures: HostFailureLog = field(default_factory=HostFailureLog)

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
            log.debug("the client went away")
        except Exception as error:
            self._record(exchange, error)
            if exchange.status:
                raise  # half an answer is out: only closing the connection can still tell
            response = self.failed(exchange.scope, error)
            await response(exchange.scope, receive, exchange.pass_on)

    def _record(self, exchange: _Exchange, error: Exception) -> None:
        failure = host_failure(error)
        if failure is None:
            log.exception("a request failed unexpectedly", route=exchange.route)
        else:
            self.host_failures.record(failure, error)


def _request_id(scope: Scope) -> str:
    """Return the caller's id for the request if it is a sane one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            given: str = value.decode()
            return given
    return f"req_{secrets.token_hex(16)}"
