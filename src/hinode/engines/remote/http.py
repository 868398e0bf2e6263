"""HTTP calls to an upstream: bounded, and exact about what may have arrived.

A call that failed before anything was sent raises :class:`RequestNotSent`; one whose request may
have arrived raises :class:`OutcomeUnknown`. Redirects are not followed, nothing is taken from the
environment, and no exception here carries a URL, a header or a body.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpcore
import httpx

from hinode.kit.backend_transport import BackendTransport
from hinode.kit.proxy import Proxy
from hinode.kit.proxy_backend import ProxyBackend
from hinode.kit.retry_after import parse_retry_after
from hinode.kit.safe_fetch import default_ssl_context

_UNCOMPRESSED = frozenset({"", "identity"})
_KEEPALIVE_SECONDS = 15.0
# httpcore's are those of a connection through a proxy.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
)


class RequestNotSent(Exception):
    """The upstream was not reached: nothing of the request arrived there."""


class OutcomeUnknown(Exception):
    """The request may have arrived; there was no complete response in time."""


class InvalidResponse(Exception):
    """The response is not one of the upstream's API; the message says why."""


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Bounds of the calls to one upstream.

    ``connect_timeout_s`` seconds to connect, ``response_timeout_s`` for a complete response,
    ``read_timeout_s`` between two parts of a download and ``download_timeout_s`` for all of it;
    ``max_response_bytes`` of a response body; ``max_connections`` open at once.
    """

    connect_timeout_s: float = 5.0
    response_timeout_s: float = 60.0
    read_timeout_s: float = 30.0
    download_timeout_s: float = 900.0
    max_response_bytes: int = 4 * 2**20
    max_connections: int = 64


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file in a multipart form."""

    path: Path
    name: str
    content_type: str


Part = tuple[str, str | FilePart]
"""A field of a multipart form and its value."""


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """A complete response. ``retry_after`` is the seconds that it requests to wait, or None."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Return whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from ``Retry-After``; None when that is missing or invalid."""
        return parse_retry_after(self.headers.get("retry-after"))

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object. Raises :class:`InvalidResponse` for anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            kind = "a web page" if _is_html(self.body) else "no JSON"
            raise InvalidResponse(f"It answered with {kind} (status {self.status}).") from None
        if not isinstance(value, dict):
            raise InvalidResponse(
                f"It answered with JSON that is no object (status {self.status})."
            )
        return value


class UpstreamClient:
    """One upstream server: its base URL, the headers that authenticate us, and its limits.

    ``base_url`` ends without a slash; paths begin with one. ``proxy`` makes all connections to it.
    Usable from several event loops: each has its own connections, shared by all calls in progress,
    closed after the last.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        limits: ClientLimits | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self.base_url = httpx.URL(base_url.rstrip("/"))
        self.limits = limits or ClientLimits()
        self.proxy = proxy
        self.auth_headers = headers
        self._headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": "hinode",
            **headers,
        }
        self._pools: dict[asyncio.AbstractEventLoop, _ConnectionPool] = {}

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[_ConnectionPool]:
        """Keep connections open over several calls, such as those of one job."""
        loop = asyncio.get_running_loop()
        pool = self._pools.setdefault(loop, _ConnectionPool(self.limits, self.proxy))
        pool.users += 1
        try:
            yield pool
        finally:
            pool.users -= 1
            if not pool.users:
                del self._pools[loop]
                await pool.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        form: Sequence[Part] | None = None,
        headers: Mapping[str, str] | None = None,
        response_timeout_s: float | None = None,
    ) -> UpstreamResponse:
        """Send a request and read the complete response, whatever its status.

        ``json`` or ``form`` (always multipart) is the body. Raises :class:`RequestNotSent`,
        :class:`OutcomeUnknown`, and :class:`InvalidResponse` for a response that is too large.
        """
        seconds = response_timeout_s or self.limits.response_timeout_s
        build_request = partial(self._request, method, path, query, json, form, headers, seconds)
        # Reading files into the form may take a while.
        request = await asyncio.to_thread(build_request) if form else build_request()
        async with self.connected() as pool, pool.slot(seconds), classify_errors():
            async with asyncio.timeout(seconds):
                async with pool.send(request, fresh=method == "POST") as response:
                    body = await _read_body(response, self.limits.max_response_bytes)
                    return UpstreamResponse(response.status_code, response.headers, body)

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """GET something large: yield the response with its body unread.

        Its time is bounded by ``download_timeout_s`` and ``read_timeout_s``, its size by nothing.
        Raises :class:`RequestNotSent` and :class:`OutcomeUnknown`, also inside the block.
        """
        limits = self.limits
        request = self._request("GET", path, query, None, None, None, limits.read_timeout_s)
        async with (
            self.connected() as pool,
            pool.slot(limits.response_timeout_s),
            classify_errors(),
        ):
            async with asyncio.timeout(limits.download_timeout_s):
                async with pool.send(request, fresh=False) as response:
                    yield response

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        json: Mapping[str, Any] | None,
        form: Sequence[Part] | None,
        headers: Mapping[str, str] | None,
        read_timeout_s: float,
    ) -> httpx.Request:
        timeout = httpx.Timeout(read_timeout_s, connect=self.limits.connect_timeout_s)
        return httpx.Request(
            method,
            httpx.URL(f"{self.base_url}{path}", params=query) if query else self._url(path),
            headers={**self._headers, **(headers or {})},
            json=json,
            files=None if form is None else [_multipart_field(name, value) for name, value in form],
            extensions={"timeout": timeout.as_dict()},
        )

    def _url(self, path: str) -> httpx.URL:
        return httpx.URL(f"{self.base_url}{path}")


class _ConnectionPool:
    """The connections of one event loop, each in a pool of its own.

    httpcore 1.0 scans all connections of a pool several times per request: with 64 of them a
    request costs five times as much. Requests that must not be repeated get a new connection: the
    upstream may close an idle one in the moment of its reuse, and then it is not known what
    arrived.
    """

    def __init__(self, limits: ClientLimits, proxy: Proxy | None) -> None:
        self.users = 0
        self._proxy = proxy
        self._slots = asyncio.Semaphore(limits.max_connections)
        self._idle: list[httpx.AsyncBaseTransport] = []

    @asynccontextmanager
    async def slot(self, seconds: float) -> AsyncIterator[None]:
        """Wait for a free connection; nothing is sent before."""
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise RequestNotSent("All connections to it are in use.") from None
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def send(self, request: httpx.Request, *, fresh: bool) -> AsyncIterator[httpx.Response]:
        connection = self._idle.pop() if self._idle and not fresh else _new_connection(self._proxy)
        try:
            response = await connection.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            if fresh:
                await connection.aclose()
            else:
                self._idle.append(connection)

    async def close(self) -> None:
        for connection in self._idle:
            await connection.aclose()


def _new_connection(proxy: Proxy | None) -> httpx.AsyncBaseTransport:
    if proxy is not None:
        backend, tls = ProxyBackend(proxy, default_ssl_context()), default_ssl_context()
        return BackendTransport(
            backend, tls, max_connections=1, keepalive_expiry=_KEEPALIVE_SECONDS
        )
    one = httpx.Limits(max_connections=1, keepalive_expiry=_KEEPALIVE_SECONDS)
    return httpx.AsyncHTTPTransport(verify=default_ssl_context(), trust_env=False, limits=one)


def quote_segment(text: str) -> str:
    """Percent-encode a text as one segment of a path."""
    return quote(text, safe="")


@asynccontextmanager
async def classify_errors() -> AsyncIterator[None]:
    """Turn the libraries' exceptions into :class:`RequestNotSent` and :class:`OutcomeUnknown`."""
    try:
        yield
    except _NOT_SENT as error:
        raise RequestNotSent("It cannot be reached.") from error
    except (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException) as error:
        raise OutcomeUnknown("It did not answer in time.") from error
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise OutcomeUnknown("The connection broke before the answer was whole.") from error


def _multipart_field(name: str, value: str | FilePart) -> tuple[str, Any]:
    if isinstance(value, str):
        return name, (None, value)
    return name, (value.name, value.path.read_bytes(), value.content_type)


async def _read_body(response: httpx.Response, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "").strip().lower() not in _UNCOMPRESSED:
        raise InvalidResponse("It answered in a compression that nobody asked for.")
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > max_bytes:
            raise InvalidResponse(f"Its answer has more than {max_bytes} bytes.")
    return bytes(data)


def _is_html(body: bytes) -> bool:
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<head", b"<body"))
