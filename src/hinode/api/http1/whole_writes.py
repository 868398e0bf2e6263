"""HTTP/1.1 whose short responses are sent at once: head and body in one packet."""

from __future__ import annotations

import asyncio
from typing import Any

from hinode.api.http1.connections import BoundedHttpProtocol

_BEGINS_HEAD = b"HTTP/1.1 "


class WholeWrites:
    """A transport that keeps the head of a response until its body follows.

    uvicorn writes both one after the other, and each write is a system call. A head whose body has
    to be waited for goes at the end of the loop's round.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send data after the head that waits, or keep it if it is one."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(_BEGINS_HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Send what waits, then close."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class HttpProtocol(BoundedHttpProtocol):
    """The protocol of one connection, with all bounds and whole writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport behind one that keeps heads."""
        super().connection_made(transport)
        self.transport = WholeWrites(transport, self.loop)  # type: ignore[assignment]
