"""The HTTP connection to one server of the dialect: bounded, without redirects, without retries.

Nothing is ever sent twice here. Who calls decides by ``may_have_run`` of the failure whether
asking again can do harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Self

import httpx

from hinode._version import __version__
from hinode.engines.sora.answers import Answer, failure_of, read_json
from hinode.engines.sora.failures import BadAnswer, Unreachable
from hinode.kit.retry_after import seconds_to_wait

USER_AGENT = f"hinode/{__version__}"
CONNECT_SECONDS = 10.0
# Servers often close after 5 s of silence; a request on a connection that is being closed would
# fail without anybody knowing whether it was taken.
IDLE_SECONDS = 2.0
MOST_CONNECTIONS = 100
_SUCCESS = range(200, 300)
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is: the base of its endpoints, and its two token endpoints."""

    base: str
    session_url: str
    token_url: str

    @classmethod
    def at(cls, base: str, *, session_url: str | None = None, token_url: str | None = None) -> Self:
        """Take ``base`` (it usually ends in ``/backend``) and the token endpoints beside it."""
        base = base.rstrip("/")
        root = base.removesuffix("/backend")
        return cls(
            base, session_url or f"{root}/api/auth/session", token_url or f"{root}/oauth/token"
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that a call may take: seconds from its start to the last byte, bytes of answer."""

    seconds: float = 30.0
    upload_seconds: float = 300.0
    answer_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FormFile:
    """A local file to send as a part of a form."""

    path: Path
    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``secrets`` are kept out of every message about it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: FormFile | None = None
    secrets: tuple[str, ...] = ()


class Link:
    """Connections to one server, shared by all accounts on it. Close it, or use ``async with``."""

    def __init__(
        self,
        place: Place,
        bounds: Bounds | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.place = place
        self._bounds = bounds or Bounds()
        self._http = httpx.AsyncClient(
            transport=transport,
            # One account's cookies are none of the others' business: none are kept.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": USER_AGENT,
            },
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=IDLE_SECONDS),
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def ask(self, ask: Ask) -> object:
        """Send a request once and return the JSON of its answer.

        Raises :class:`hinode.engines.sora.failures.SoraFailure`.
        """
        seconds = self._bounds.upload_seconds if ask.file else self._bounds.seconds
        try:
            async with asyncio.timeout(seconds):
                answer = await self._exchange(ask, seconds)
        except _NEVER_SENT as error:
            raise Unreachable(f"The server cannot be reached ({_name(error)}).") from None
        except (TimeoutError, httpx.TimeoutException):
            raise Unreachable(
                f"The server did not answer within {seconds:g} s.", may_have_run=True
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise Unreachable(
                f"The connection to the server broke ({_name(error)}).", may_have_run=True
            ) from None
        if answer.status not in _SUCCESS:
            raise failure_of(answer, ask.secrets)
        return read_json(answer, empty_is_fine=ask.method == "DELETE")

    async def _exchange(self, ask: Ask, seconds: float) -> Answer:
        timeouts = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        with ExitStack() as stack:
            files = None
            if ask.file is not None:
                opened = stack.enter_context(ask.file.path.open("rb"))
                files = {"file": (ask.file.name, opened, ask.file.content_type)}
            request = self._http.build_request(
                ask.method,
                ask.url,
                headers=dict(ask.headers),
                params=dict(ask.query) or None,
                json=ask.body,
                data=dict(ask.form) or None,
                files=files,
                timeout=timeouts,
            )
            response = await self._http.send(request, stream=True)
            try:
                body = await self._body(response)
            finally:
                await response.aclose()
        wait = seconds_to_wait(response.headers.get("retry-after"))
        return Answer(response.status_code, body, wait)

    async def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise self._bad(response, "is compressed, though that was not asked for")
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > self._bounds.answer_bytes:
                raise self._bad(response, f"has more than {self._bounds.answer_bytes} bytes")
        return bytes(body)

    @staticmethod
    def _bad(response: httpx.Response, what: str) -> BadAnswer:
        return BadAnswer(
            f"The server's answer {what}.", status=response.status_code, may_have_run=True
        )


def _name(error: Exception) -> str:
    """The kind of an error; its text may hold addresses."""
    return type(error).__name__
