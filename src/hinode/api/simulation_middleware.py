"""Test mode: simulated failures, requested by a header, for keys with the scope ``test``.

The header's value is a list of directives: ``hinode-simulate: slow=2, fail=server_error``.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hinode.api.context import ApiContext
from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.core.auth import simulation
from hinode.core.auth import types as access
from hinode.core.auth.simulation import Simulation
from hinode.core.errors import ErrorCode, HinodeError

HEADER = "hinode-simulate"
MODERATED = "moderation_blocked"
"""OpenAI's error code of jobs that the content policy rejected."""

LONGEST_SLOW, MOST_FLAKY = 600.0, 100

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,3}")
_WITH_VALUE = ("fail", "slow", "flaky")
_ALONE = ("refuse", "stall", "expire")
_ENDS = ("fail", "refuse", "stall")
_WORDS = "fail=<code>, refuse, slow=<seconds>, stall, flaky=<n>, expire"
_HEADER = HEADER.encode()
_RETRY_AFTER = {"retry-after": "1"}

SecretOf = Callable[[Request], str | None]
Refused = Callable[[Scope, HinodeError | RequestError], Response]


@dataclass(frozen=True, slots=True)
class SimulatedTrouble:
    """The requested failures: of created jobs, and the number of requests to fail first."""

    simulation: Simulation
    flaky: int


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
        if scope["type"] != "http" or _HEADER not in dict(scope["headers"]):
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


def read_trouble(header: str) -> SimulatedTrouble:
    """Parse the header's value. Raises :class:`HinodeError` for an invalid directive."""
    words = _split(header)
    ends = [word for word in _ENDS if word in words]
    if len(ends) > 1:
        raise _bad(f"{' and '.join(ends)} exclude each other: a job ends once.")
    simulation = Simulation(
        fail_code=MODERATED if "refuse" in words else _code(words.get("fail")),
        slow_seconds=_slow(words.get("slow")),
        stall="stall" in words,
        expire="expire" in words,
    )
    return SimulatedTrouble(simulation, _flaky(words.get("flaky")))


def _split(header: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for item in header.split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        name = name.lower()
        if name not in _WITH_VALUE + _ALONE:
            raise _bad(f"'{item.strip()[:40]}' is no trouble that can be simulated.")
        if name in words:
            raise _bad(f"'{name}' comes twice.")
        if bool(equals) is (name in _ALONE):
            raise _bad(f"'{name}' takes {'no' if name in _ALONE else 'a'} value.")
        words[name] = value
    return words


def _code(value: str | None) -> str | None:
    if value is not None and not _CODE.fullmatch(value):
        raise _bad("The code of 'fail' has 1 to 64 letters, digits, '_', '.' or '-'.")
    return value


def _slow(value: str | None) -> float:
    if value is None:
        return 0.0
    seconds = float(value) if _SECONDS.fullmatch(value) else 0.0
    if not 0 < seconds <= LONGEST_SLOW:
        raise _bad(f"'slow' is more than 0 and at most {LONGEST_SLOW:g} seconds.")
    return seconds


def _flaky(value: str | None) -> int:
    if value is None:
        return 0
    count = int(value) if _COUNT.fullmatch(value) else 0
    if not 1 <= count <= MOST_FLAKY:
        raise _bad(f"'flaky' is 1 to {MOST_FLAKY} requests.")
    return count


def _bad(message: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE, message, param=HEADER, hint=f"The words are: {_WORDS}."
    )
