"""An httpx transport whose connections a network backend of ours makes."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpcore
import httpx


class BackendTransport(httpx.AsyncBaseTransport):
    """A transport over httpcore's pool with its own network backend.

    ``max_connections`` and ``keepalive_expiry`` are those of the pool; None: its defaults.
    """

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        tls: ssl.SSLContext,
        *,
        max_connections: int | None = 10,
        keepalive_expiry: float | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            keepalive_expiry=keepalive_expiry,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; raises httpcore's exceptions and those of the backend."""
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
