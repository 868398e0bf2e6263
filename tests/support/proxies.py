"""An HTTP proxy (CONNECT) and a SOCKS5 proxy on loopback, which lead wherever they are told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class TestProxy:
    """A proxy that connects every tunnel to the port ``leads_to`` of this machine.

    ``targets`` are the hosts and ports that were asked for. ``credentials`` are demanded; with
    ``refusal`` no tunnel is opened: a status of HTTP, or a reply code of SOCKS5.
    """

    __test__ = False

    scheme: str
    leads_to: int
    credentials: str = ""
    refusal: int = 0
    port: int = 0
    targets: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The proxy's URL, with its credentials."""
        return f"{self.scheme}://{self.credentials}{'@' if self.credentials else ''}{self.host}"

    @property
    def host(self) -> str:
        """The proxy's own host and port."""
        name = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{name}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open a tunnel and carry bytes both ways until one side ends."""
        open_tunnel = self._socks5 if self.scheme == "socks5" else self._connect
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                if await open_tunnel(reader, writer):
                    await self._carry(reader, writer)
        finally:
            await _close(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection("127.0.0.1", self.leads_to)
        ways = [
            asyncio.create_task(_pump(reader, there)),
            asyncio.create_task(_pump(there_reader, writer)),
        ]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await _close(there)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        assert method == "CONNECT"
        assert f"host: {target}\r\n" in head.lower()
        pair = base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and f"Proxy-Authorization: Basic {pair}\r\n" not in head:
            return await _answer(writer, b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n")
        self.targets.append(target)
        if self.refusal:
            line = f"HTTP/1.1 {self.refusal} No\r\nContent-Length: 4\r\n\r\nnope"
            return await _answer(writer, line.encode())
        await _answer(writer, b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True

    async def _socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        version, count = await reader.readexactly(2)
        assert version == 5
        methods = await reader.readexactly(count)
        if self.credentials:
            if 2 not in methods:
                return await _answer(writer, b"\x05\xff")
            await _answer(writer, b"\x05\x02")
            _, length = await reader.readexactly(2)
            user = await reader.readexactly(length)
            (length,) = await reader.readexactly(1)
            password = await reader.readexactly(length)
            is_right = f"{user.decode()}:{password.decode()}" == self.credentials
            await _answer(writer, b"\x01\x00" if is_right else b"\x01\x01")
            if not is_right:
                return False
        else:
            await _answer(writer, b"\x05\x00")
        _, command, _, kind = await reader.readexactly(4)
        assert command == 1
        if kind == 3:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        elif kind == 4:
            host = f"[{socket.inet_ntop(socket.AF_INET6, await reader.readexactly(16))}]"
        else:
            host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
        self.targets.append(f"{host}:{int.from_bytes(await reader.readexactly(2))}")
        # In pieces, and with a name of its own as the bound address: a reply may have either.
        await _answer(writer, bytes([5, self.refusal, 0, 3, 9]))
        await _answer(writer, b"localhost")
        await _answer(writer, b"\x00\x50")
        return not self.refusal


async def _answer(writer: asyncio.StreamWriter, data: bytes) -> bool:
    writer.write(data)
    await writer.drain()
    return False


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


@contextlib.asynccontextmanager
async def running(proxy: TestProxy, tls: ssl.SSLContext | None = None) -> AsyncIterator[TestProxy]:
    """Run a proxy, with TLS if its scheme is https."""
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(proxy.serve(reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
