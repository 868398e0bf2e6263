"""Connections through an HTTP proxy (CONNECT) or a SOCKS5 proxy, for httpcore's pools.

Everything goes through a tunnel, plain http too: the proxy sees the host and port of a connection,
and a server is told apart from its proxy when one of them fails. A proxy that fails or refuses is
a connection that was not made: nothing of the request was sent.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import structlog
from socksio import ProtocolError, socks5

from hinode.kit.proxy import Proxy

_METHODS = socks5.SOCKS5AuthMethod
_ADDRESS_BYTES = {socks5.SOCKS5AType.IPV4_ADDRESS: 4, socks5.SOCKS5AType.IPV6_ADDRESS: 16}

log = structlog.get_logger("hinode.proxy")


class _Refused(Exception):
    """The proxy refused; the message is its reason."""


# ValueError: the library's, for a code that is none.
_FAILURES = (
    httpcore.NetworkError, httpcore.ProtocolError, ProtocolError, ValueError, OSError, _Refused
)  # fmt: skip


class ProxyBackend(httpcore.AsyncNetworkBackend):
    """Makes connections through a proxy; ``tls`` verifies a proxy with an https URL."""

    def __init__(self, proxy: Proxy, tls: ssl.SSLContext) -> None:
        self._proxy = proxy
        self._tls = tls
        self._direct = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a stream to ``host``, an address or a name that the proxy resolves."""
        try:
            async with asyncio.timeout(timeout):
                stream = await self._direct.connect_tcp(
                    self._proxy.host, self._proxy.port, timeout, local_address, socket_options
                )
                try:
                    return await self._tunnel(stream, host, port)
                except BaseException:
                    await stream.aclose()
                    raise
        except (TimeoutError, httpcore.TimeoutException):
            self._log_failure("it did not answer in time")
            raise httpcore.ConnectTimeout("the proxy did not answer in time") from None
        except _FAILURES as error:
            self._log_failure(str(error) or type(error).__name__)
            raise httpcore.ConnectError("the proxy made no connection") from error

    async def sleep(self, seconds: float) -> None:
        """Sleep, as httpcore's pools ask for."""
        await self._direct.sleep(seconds)

    def _log_failure(self, reason: str) -> None:
        log.warning("proxy failed", proxy=str(self._proxy), reason=reason)

    async def _tunnel(
        self, stream: httpcore.AsyncNetworkStream, host: str, port: int
    ) -> httpcore.AsyncNetworkStream:
        if self._proxy.scheme == "socks5":
            await _open_socks5(stream, self._proxy, host, port)
            return stream
        if self._proxy.scheme == "https":
            stream = await stream.start_tls(self._tls, self._proxy.host)
        return await _open_connect(stream, self._proxy, host, port)


async def _open_connect(
    stream: httpcore.AsyncNetworkStream, proxy: Proxy, host: str, port: int
) -> httpcore.AsyncNetworkStream:
    """Ask an HTTP proxy for a tunnel and return it."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    headers = [("Host", target)]
    if proxy.user or proxy.password:
        pair = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        headers.append(("Proxy-Authorization", f"Basic {pair}"))
    url = httpcore.URL(scheme="http", host=proxy.host, port=proxy.port, target=target)
    connection = httpcore.AsyncHTTP11Connection(origin=url.origin, stream=stream)
    response = await connection.handle_async_request(
        httpcore.Request("CONNECT", url, headers=headers)
    )
    if not 200 <= response.status < 300:
        raise _Refused(f"it answered with status {response.status}")
    tunnel: httpcore.AsyncNetworkStream = response.extensions["network_stream"]
    return tunnel


async def _open_socks5(
    stream: httpcore.AsyncNetworkStream, proxy: Proxy, host: str, port: int
) -> None:
    """Ask a SOCKS5 proxy for a tunnel, which the stream then is."""
    connection = socks5.SOCKS5Connection()
    methods = [_METHODS.NO_AUTH_REQUIRED]
    if proxy.user:
        methods.append(_METHODS.USERNAME_PASSWORD)
    connection.send(socks5.SOCKS5AuthMethodsRequest(methods))
    await stream.write(connection.data_to_send())
    chosen = connection.receive_data(await _read(stream, 2))
    if getattr(chosen, "method", None) not in methods:
        raise _Refused("it wants another authentication")
    if getattr(chosen, "method", None) is _METHODS.USERNAME_PASSWORD:
        pair = (proxy.user.encode(), proxy.password.encode())
        connection.send(socks5.SOCKS5UsernamePasswordRequest(*pair))
        await stream.write(connection.data_to_send())
        if not getattr(connection.receive_data(await _read(stream, 2)), "success", False):
            raise _Refused("it refuses the user or the password")
    connection.send(
        socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (host, port))
    )
    await stream.write(connection.data_to_send())
    reply = connection.receive_data(await _read_reply(stream))
    code = getattr(reply, "reply_code", None)
    if code is not socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise _Refused(f"it answered with {getattr(code, 'name', 'an unknown code').lower()}")


async def _read_reply(stream: httpcore.AsyncNetworkStream) -> bytes:
    """Read the whole reply to a command, whose length its fourth and fifth byte tell."""
    head = await _read(stream, 5)
    kind = bytes(head[3:4])
    length = next((one for name, one in _ADDRESS_BYTES.items() if name.value == kind), head[4] + 1)
    return head + await _read(stream, length - 1 + 2)


async def _read(stream: httpcore.AsyncNetworkStream, length: int) -> bytes:
    """Read exactly so many bytes: what follows belongs to the server behind the proxy."""
    data = b""
    while len(data) < length:
        part = await stream.read(length - len(data))
        if not part:
            raise _Refused("it closed the connection")
        data += part
    return data
