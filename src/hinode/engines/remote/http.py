"""Calling an upstream server of the operator's: bounded, and honest about what may have arrived.

A call that failed before anything was sent raises :class:`NotSent`; one whose request may have
arrived raises :class:`Ambiguous`. Redirects are not followed, nothing is taken from the
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

import httpx

from hinode.kit.fetch import trusted_authorities
from hinode.kit.retry_after import seconds_to_wait

_PLAIN = frozenset({"", "identity"})
_KEPT_SECONDS = 15.0


class NotSent(Exception):
    """The upstream was not reached: nothing of the request arrived there."""


class Ambiguous(Exception):
    """The request may have arrived; there was no whole answer in time."""


class BadAnswer(Exception):
    """The upstream answered what is no answer of its API; the text says what, and no more."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Bounds of the calls to one upstream.

    ``connect_s`` seconds to connect, ``answer_s`` for a whole answer, ``silence_s`` between two
    parts of a download and ``download_s`` for all of it; ``answer_bytes`` of an answer's body;
    ``connections`` open at once.
    """

    connect_s: float = 5.0
    answer_s: float = 60.0
    silence_s: float = 30.0
    download_s: float = 900.0
    answer_bytes: int = 4 * 2**20
    connections: int = 64


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file that goes along in a form."""

    path: Path
    name: str
    content_type: str


Part = tuple[str, str | FilePart]
"""A field of a multipart form and its value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``retry_after`` is the seconds that it asks to wait, or None."""

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from ``Retry-After``; None when it says nothing readable."""
        return seconds_to_wait(self.headers.get("retry-after"))

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object. Raises :class:`BadAnswer` for anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            kind = "a web page" if _is_html(self.body) else "no JSON"
            raise BadAnswer(f"It answered with {kind} (status {self.status}).") from None
        if not isinstance(value, dict):
            raise BadAnswer(f"It answered with JSON that is no object (status {self.status}).")
        return value


class Upstream:
    """One upstream server: its base URL, the headers that prove who we are, and its limits.

    ``base_url`` ends without a slash; paths begin with one. Usable from several event loops: each
    has connections of its own, shared by all calls that are under way, closed after the last.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str], limits: CallLimits | None = None
    ) -> None:
        self.base_url = httpx.URL(base_url.rstrip("/"))
        self.limits = limits or CallLimits()
        self._headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "user-agent": "hinode",
            **headers,
        }
        self._lines: dict[asyncio.AbstractEventLoop, _Lines] = {}

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[_Lines]:
        """Keep connections open over several calls, such as those of one job."""
        loop = asyncio.get_running_loop()
        lines = self._lines.setdefault(loop, _Lines(self.limits))
        lines.users += 1
        try:
            yield lines
        finally:
            lines.users -= 1
            if not lines.users:
                del self._lines[loop]
                await lines.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        form: Sequence[Part] | None = None,
        headers: Mapping[str, str] | None = None,
        answer_s: float | None = None,
    ) -> Answer:
        """Send a request and read the whole answer, whatever its status.

        ``json`` or ``form`` (always multipart) is the body. Raises :class:`NotSent`,
        :class:`Ambiguous`, and :class:`BadAnswer` for an answer that is too large.
        """
        seconds = answer_s or self.limits.answer_s
        making = partial(self._request, method, path, query, json, form, headers, seconds)
        # Files are read and put into the form, which may take a while.
        request = await asyncio.to_thread(making) if form else making()
        async with self.connected() as lines, lines.slot(seconds), told_apart():
            async with asyncio.timeout(seconds):
                async with lines.answer(request, fresh=method == "POST") as response:
                    body = await _read(response, self.limits.answer_bytes)
                    return Answer(response.status_code, response.headers, body)

    @asynccontextmanager
    async def stream(
        self, path: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """GET something large: yield the answer with its body unread.

        Its time is bounded by ``download_s`` and ``silence_s``, its size by nothing. Raises
        :class:`NotSent` and :class:`Ambiguous`, from the block too.
        """
        limits = self.limits
        request = self._request("GET", path, query, None, None, None, limits.silence_s)
        async with self.connected() as lines, lines.slot(limits.answer_s), told_apart():
            async with asyncio.timeout(limits.download_s):
                async with lines.answer(request, fresh=False) as response:
                    yield response

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        json: Mapping[str, Any] | None,
        form: Sequence[Part] | None,
        headers: Mapping[str, str] | None,
        silence_s: float,
    ) -> httpx.Request:
        timeout = httpx.Timeout(silence_s, connect=self.limits.connect_s)
        return httpx.Request(
            method,
            httpx.URL(f"{self.base_url}{path}", params=query) if query else self._url(path),
            headers={**self._headers, **(headers or {})},
            json=json,
            files=None if form is None else [_file(name, value) for name, value in form],
            extensions={"timeout": timeout.as_dict()},
        )

    def _url(self, path: str) -> httpx.URL:
        return httpx.URL(f"{self.base_url}{path}")


class _Lines:
    """The connections of one event loop, each in a pool of its own.

    One pool of many looks at each of its connections several times a request: with 64 of them a
    request costs five times as much (httpcore 1.0). Requests that must not be repeated get a new
    connection: a kept one may be closed by the upstream in the very moment that it is used again,
    and nobody knows then what arrived.
    """

    def __init__(self, limits: CallLimits) -> None:
        self.users = 0
        self._slots = asyncio.Semaphore(limits.connections)
        self._free: list[httpx.AsyncHTTPTransport] = []

    @asynccontextmanager
    async def slot(self, seconds: float) -> AsyncIterator[None]:
        """Wait for a connection that may be used; nothing is sent before."""
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise NotSent("All connections to it are in use.") from None
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def answer(self, request: httpx.Request, *, fresh: bool) -> AsyncIterator[httpx.Response]:
        line = self._free.pop() if self._free and not fresh else _line()
        try:
            response = await line.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            if fresh:
                await line.aclose()
            else:
                self._free.append(line)

    async def close(self) -> None:
        for line in self._free:
            await line.aclose()


def _line() -> httpx.AsyncHTTPTransport:
    one = httpx.Limits(max_connections=1, keepalive_expiry=_KEPT_SECONDS)
    return httpx.AsyncHTTPTransport(verify=trusted_authorities(), trust_env=False, limits=one)


def segment(text: str) -> str:
    """Spell a text as one segment of a path, whatever it holds."""
    return quote(text, safe="")


@asynccontextmanager
async def told_apart() -> AsyncIterator[None]:
    """Turn the library's exceptions into :class:`NotSent` and :class:`Ambiguous`."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise NotSent("It cannot be reached.") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Ambiguous("It did not answer in time.") from error
    except (httpx.HTTPError, OSError) as error:
        raise Ambiguous("The connection broke before the answer was whole.") from error


def _file(name: str, value: str | FilePart) -> tuple[str, Any]:
    if isinstance(value, str):
        return name, (None, value)
    return name, (value.name, value.path.read_bytes(), value.content_type)


async def _read(response: httpx.Response, most: int) -> bytes:
    if response.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
        raise BadAnswer("It answered in a compression that nobody asked for.")
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > most:
            raise BadAnswer(f"Its answer has more than {most} bytes.")
    return bytes(data)


def _is_html(body: bytes) -> bool:
    return body[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<head", b"<body"))
