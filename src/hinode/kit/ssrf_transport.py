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
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

from hinode.kit.addresses import Address, AllowList, is_public, parse_address
from hinode.kit.backend_transport import BackendTransport
from hinode.kit.proxy import Proxy
from hinode.kit.proxy_backend import ProxyBackend

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


class SsrfSafeTransport(BackendTransport):
    """A transport that connects only to checked addresses.

    With a proxy, public addresses are reached through it and allowed private ones directly: the
    proxy gets the checked address and never the name.
    """

    def __init__(
        self, allow: AllowList, resolve: Resolver, tls: ssl.SSLContext, proxy: Proxy | None = None
    ) -> None:
        super().__init__(_AddressCheckingBackend(allow, resolve, tls, proxy), tls)


class _AddressCheckingBackend(httpcore.AsyncNetworkBackend):
    def __init__(
        self, allow: AllowList, resolve: Resolver, tls: ssl.SSLContext, proxy: Proxy | None
    ) -> None:
        self._allow = allow
        self._resolve = resolve
        self._direct: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()
        self._public = ProxyBackend(proxy, tls) if proxy else self._direct

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
                backend = self._public if is_public(address) else self._direct
                return await backend.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._direct.sleep(seconds)

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
