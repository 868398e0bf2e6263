"""The client address of a request: the socket's peer, or the one a trusted proxy forwards.

A trusted proxy also tells the scheme, and the prefix of the path that it keeps to itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from hinode.core.auth import request_context
from hinode.core.auth.request_context import RequestContext
from hinode.kit.addresses import Address, parse_address

_THROUGH_PROXY = "hinode.through_proxy"
_PREFIX_HEADER = b"x-forwarded-prefix"
_PREFIX = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,8}/?")
_LONGEST_PREFIX = 200


class ClientAddressMiddleware:
    """Middleware that sets the request context's client address, which API keys may restrict.

    ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are honoured only from peers in ``trusted``
    (addresses and networks); the client is then the right-most address that is not trusted.
    ``X-Forwarded-Prefix`` becomes the root path, which every address that is made begins with.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._trusted = tuple(ip_network(one) for one in trusted)
        self._inner: Any = (
            ProxyHeadersMiddleware(self._enter, list(trusted))  # type: ignore[arg-type]
            if trusted
            else self._enter
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope.get("client"):
            host, port = scope["client"]
            peer = read_address(host)
            scope["client"] = (host if peer is None else str(peer), port)
            # Before the proxy headers middleware replaces the peer's address.
            scope[_THROUGH_PROXY] = covers(self._trusted, peer)
            if scope[_THROUGH_PROXY]:
                _restore_prefix(scope)
        await self._inner(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        visit = RequestContext(read_address(client[0]) if client else None)
        token = request_context.present.set(visit)
        try:
            await self._app(scope, receive, send)
        finally:
            request_context.present.reset(token)


def _restore_prefix(scope: Scope) -> None:
    """Put the prefix that the proxy took away before the path, as ASGI has a root path."""
    given = dict(scope["headers"]).get(_PREFIX_HEADER, b"")
    if len(given) <= _LONGEST_PREFIX and _PREFIX.fullmatch(given):
        prefix = given.rstrip(b"/")
        scope["root_path"] = prefix.decode()
        scope["path"] = prefix.decode() + scope["path"]
        scope["raw_path"] = prefix + scope["raw_path"]


def came_through_proxy(request: Request) -> bool:
    """Return whether the peer of the request's connection is a trusted proxy."""
    return bool(request.scope.get(_THROUGH_PROXY))


@lru_cache(maxsize=4096)
def covers(networks: Sequence[IPv4Network | IPv6Network], address: Address | None) -> bool:
    """Return whether an address is in one of the networks; False for None."""
    return address is not None and any(address in one for one in networks)


@lru_cache(maxsize=4096)
def read_address(host: str) -> Address | None:
    """Parse an IP address, an IPv4-mapped IPv6 one as IPv4; None if it is not an address."""
    try:
        address = parse_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address
