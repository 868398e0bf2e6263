"""A transport that connects only to addresses it has checked, for URLs that users gave.

The host is resolved once per connection, every address it resolves to is checked, and the
connection goes to a checked address and not to the name: a name that resolves to something else
a moment later (DNS rebinding) gains nothing, and a rejected address gets no packet. TLS and the
Host header still have the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from hinode.kit.addresses import Address, AllowList, parse_address

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class BlockedAddress(Exception):
    """The host resolves to an address that is not allowed. Nothing was sent there."""


class HostNotFound(Exception):
    """The host name has no address."""


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Addresses of ``host`` by the system's resolver, which also reads ``0x7f.1`` and the like."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class SsrfSafeTransport(httpx.AsyncBaseTransport):
    """An httpx transport over httpcore's pool with a checking network backend; no proxies."""

    def __init__(self, allow: AllowList, resolve: Resolver, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, network_backend=_AddressCheckingBackend(allow, resolve)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; raises httpcore's exceptions and those of this module."""
        response = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_ResponseStream(response)
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _ResponseStream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()


class _AddressCheckingBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, allow: AllowList, resolve: Resolver) -> None:
        self._allow = allow
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve_checked(host, port)
        # One address that drops packets must leave time for the others.
        share = timeout / len(addresses) if timeout is not None else None
        failure: Exception = HostNotFound(host)
        for address in addresses:
            try:
                return await self._backend.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def _resolve_checked(self, host: str, port: int) -> list[Address]:
        """Every address of ``host``, in the resolver's order, once each; or none at all."""
        try:
            texts = await self._resolve(host, port)
            addresses = list(dict.fromkeys(parse_address(text) for text in texts))
        except (OSError, UnicodeError, ValueError) as error:
            raise HostNotFound(host) from error
        if not addresses:
            raise HostNotFound(host)
        if not all(self._allow.permits(host, address, port) for address in addresses):
            raise BlockedAddress(host)
        return addresses
