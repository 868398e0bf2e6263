"""Fetch a URL from a user: bounded, and never from a private address."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from urllib.parse import urljoin

import httpcore
import httpx

from hinode.kit.addresses import AllowList
from hinode.kit.proxy import Proxy
from hinode.kit.spool import BLOCK_BYTES, Spool, Spooled, flush_if_large
from hinode.kit.ssrf_transport import (
    BlockedAddress,
    HostNotFound,
    Resolver,
    SsrfSafeTransport,
    resolve_host,
)

MAX_URL_LENGTH = 8192
_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "hinode"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_IDENTITY = frozenset({"", "identity"})
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class FetchErrorCode(StrEnum):
    """The reason that a fetch failed; the values are stable."""

    BAD_URL = "bad_url"
    BLOCKED_ADDRESS = "blocked_address"
    HTTP_STATUS = "http_status"
    NETWORK = "network"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"


class FetchError(Exception):
    """The URL was not fetched. The message may be shown to the user who gave the URL."""

    def __init__(self, code: FetchErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Bounds of a fetch: bytes of body, seconds in all, redirects followed (0: none).

    ``allow_hosts`` are private hosts that are allowed, as in
    :meth:`hinode.kit.addresses.AllowList.parse`, whose :class:`ValueError` this raises. ``proxy``
    makes the connections to public addresses.
    """

    max_bytes: int
    timeout_s: float
    max_redirects: int = 3
    allow_hosts: tuple[str, ...] = ()
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        AllowList.parse(self.allow_hosts)


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """A fetched body; ``content_type`` is what the server claims (lower case, no parameters).

    ``url`` is the final URL after redirects.
    """

    body: Spooled
    content_type: str | None
    url: str


async def fetch(
    url: str,
    *,
    policy: FetchPolicy,
    resolve: Resolver = resolve_host,
    tls: ssl.SSLContext | None = None,
) -> FetchResponse:
    """GET ``url`` within ``policy``; raises :class:`FetchError`.

    Only http and https, no credentials in the URL, and no proxy or cookies from the environment.
    ``resolve`` replaces the system's resolver, ``tls`` the trusted authorities.
    """
    guarded = SsrfSafeTransport(
        AllowList.parse(policy.allow_hosts), resolve, tls or default_ssl_context(), policy.proxy
    )
    with map_transport_errors():
        async with asyncio.timeout(policy.timeout_s), guarded as transport:
            return await _follow_redirects(transport, url, policy)


@cache
def default_ssl_context() -> ssl.SSLContext:
    """Return the shared TLS context: loading the authorities takes tens of milliseconds.

    They are the public ones, those of this machine, and those of ``SSL_CERT_FILE`` and
    ``SSL_CERT_DIR``: servers in a network of one's own have certificates of an authority there.
    """
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


async def _follow_redirects(
    transport: httpx.AsyncBaseTransport, url: str, policy: FetchPolicy
) -> FetchResponse:
    current = parse_url(url)
    for _ in range(policy.max_redirects + 1):
        async with _send(transport, current, policy.timeout_s) as response:
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or location is None:
                return await _read_body(response, str(current), policy.max_bytes)
            current = parse_url(_redirect_target(current, location))
    raise FetchError(
        FetchErrorCode.TOO_MANY_REDIRECTS,
        f"The server redirects more than {policy.max_redirects} times; give the final address.",
    )


@asynccontextmanager
async def _send(
    transport: httpx.AsyncBaseTransport, url: httpx.URL, timeout_s: float
) -> AsyncIterator[httpx.Response]:
    """Send one request without httpx's client, which handles redirects, cookies and proxies."""
    timeouts = httpx.Timeout(timeout_s).as_dict()
    request = httpx.Request("GET", url, headers=_HEADERS, extensions={"timeout": timeouts})
    response = await transport.handle_async_request(request)
    try:
        yield response
    finally:
        await response.aclose()


def parse_url(text: str) -> httpx.URL:
    """Parse a URL from a user; raises :class:`FetchError` for one that is not allowed."""
    # Parsers differ about backslashes and blanks, which an attacker could use.
    if len(text) > MAX_URL_LENGTH or "\\" in text or any(c.isspace() for c in text):
        raise _bad_url(f"it must have at most {MAX_URL_LENGTH} characters, no blank, no backslash")
    try:
        url = httpx.URL(text)
        host = url.host  # decodes the name, which may fail
    except (httpx.InvalidURL, ValueError):
        raise _bad_url("it cannot be read") from None
    if url.scheme not in {"http", "https"} or not host:
        raise _bad_url("it must start with http:// or https:// and name a host")
    if url.userinfo:
        raise _bad_url("it must not hold a user name or password")
    if url.port is not None and not 0 < url.port < 65_536:
        raise _bad_url("its port is not a number from 1 to 65535")
    return url


def _redirect_target(current: httpx.URL, location: str) -> str:
    try:
        return urljoin(str(current), location)
    except ValueError:
        raise _bad_url("the server redirects to an address that cannot be read") from None


def _bad_url(why: str) -> FetchError:
    return FetchError(FetchErrorCode.BAD_URL, f"The URL is refused: {why}.")


async def _read_body(response: httpx.Response, url: str, max_bytes: int) -> FetchResponse:
    if not response.is_success:
        raise FetchError(
            FetchErrorCode.HTTP_STATUS, f"The server answered with status {response.status_code}."
        )
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = _BoundedBody(max_bytes, response.headers.get("content-encoding", "").strip().lower())
    async for part in response.aiter_raw():
        for piece in body.decoded(part):
            body.add(piece)
            await flush_if_large(body.spool)
    content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchResponse(body.finish(), content_type or None, url)


class _BoundedBody:
    """Collects at most ``max_bytes``, counted after decompression and before it is stored."""

    def __init__(self, max_bytes: int, encoding: str) -> None:
        if encoding not in _IDENTITY | _COMPRESSED:
            raise FetchError(
                FetchErrorCode.NETWORK, "The server sent a compression nobody asked for."
            )
        self._max_bytes = max_bytes
        self._room = max_bytes
        self.spool = Spool()
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB) if encoding in _COMPRESSED else None

    def decoded(self, part: bytes) -> Iterator[bytes]:
        """Yield a part in small pieces: of a bomb only what is asked for is decompressed."""
        if self._decompressor is None:
            yield part
            return
        while part or not self._decompressor.eof:
            piece = self._decompressor.decompress(part, BLOCK_BYTES)
            yield piece
            part = self._decompressor.unconsumed_tail
            if not part and len(piece) < BLOCK_BYTES:
                return

    def add(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise _too_large(self._max_bytes)
        self.spool.write(piece)

    def finish(self) -> Spooled:
        if self._decompressor is not None and not self._decompressor.eof:
            raise zlib.error("the stream ends early")
        return self.spool.finish()


def _too_large(max_bytes: int) -> FetchError:
    return FetchError(FetchErrorCode.TOO_LARGE, f"The file has more than {max_bytes} bytes.")


@contextmanager
def map_transport_errors() -> Iterator[None]:
    """Map the libraries' exceptions to :class:`FetchError`; hide resolved addresses."""
    try:
        yield
    except BlockedAddress as error:
        raise FetchError(
            FetchErrorCode.BLOCKED_ADDRESS,
            f"{error} is not on the public Internet. The operator can allow it: allow_hosts.",
        ) from None
    except HostNotFound as error:
        raise FetchError(FetchErrorCode.NETWORK, f"The host {error} was not found.") from None
    except (TimeoutError, httpcore.TimeoutException):
        raise FetchError(FetchErrorCode.TIMEOUT, "The server took too long.") from None
    except zlib.error:
        raise FetchError(
            FetchErrorCode.NETWORK, "The server's compressed answer is broken."
        ) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, OSError) as error:
        raise FetchError(FetchErrorCode.NETWORK, "The connection to the server failed.") from error
