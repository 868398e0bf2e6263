"""Middleware of test mode: simulated failures, for keys with the scope ``test``."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hinode.api.context import ApiContext
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.simulation_header import HEADER, SimulatedTrouble, read_trouble
from hinode.core.auth import simulation
from hinode.core.auth import types as access
from hinode.core.errors import HinodeError

_HEADER = HEADER.encode()
_RETRY_AFTER = {"retry-after": "1"}

SecretOf = Callable[[Request], str | None]
Refused = Callable[[Scope, HinodeError | RequestError], Response]


class SimulationMiddleware:
    """Authenticates requests with the header, fails flaky ones, and sets the jobs' simulation."""

    def __init__(
        self, app: ASGIApp, context: ApiContext, secret_of: SecretOf, refused: Refused
    ) -> None:
        self._app = app
        self._context = context
        self._secret_of = secret_of
        self._refused = refused
        self._failures = Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or all(name != _HEADER for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            trouble = await self._trouble(request)
        except (HinodeError, RequestError) as error:
            await self._refused(scope, error)(scope, receive, send)
            return
        token = simulation.requested.set(trouble.simulation)
        try:
            await self._app(scope, receive, send)
        finally:
            simulation.requested.reset(token)

    async def _trouble(self, request: Request) -> SimulatedTrouble:
        """Return the requested failures. Raises the error to respond with, if the request fails."""
        auth, secret = self._context.core.auth, self._secret_of(request)
        caller = await self._context.call(auth.authenticate, secret, access.Scope.TEST)
        trouble = read_trouble(request.headers[HEADER])
        path = f"{request.method} {request.url.path}"
        failed = self._failures.count(caller.key_id or caller.account_id, path, trouble.flaky)
        if failed is not None:
            raise _failure(failed, trouble.flaky)
        return trouble


class Failures:
    """Counts failed requests per key and path; the number of entries and their age are bounded."""

    MOST = 10_000
    FORGOTTEN_SECONDS = 600.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[UUID, str], tuple[int, float]] = OrderedDict()

    def count(self, key_id: UUID, path: str, most: int) -> int | None:
        """Count a request; return its index from 0, or None if ``most`` have failed before."""
        if most == 0:
            return None
        place, now = (key_id, path), self._clock()
        failed, when = self._counts.pop(place, (0, now))
        if now - when > self.FORGOTTEN_SECONDS:
            failed = 0
        self._counts[place] = (min(failed + 1, most), now)
        if len(self._counts) > self.MOST:
            self._counts.popitem(last=False)
        return failed if failed < most else None


def _failure(number: int, most: int) -> RequestError:
    """Return the error of a flaky request: 500 and 429 alternate."""
    code = RequestErrorCode.INTERNAL if number % 2 == 0 else RequestErrorCode.RATE_LIMITED
    message = f"Simulated: request {number + 1} of {most} that fail. Try again in a second."
    return RequestError(code, message, headers=_RETRY_AFTER)
