"""HTTP/1.1 with bounds on open connections, and on a request's head: its bytes, fields and time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httptools

from hinode.api.h2c_workaround import H2cWorkaroundProtocol
from hinode.api.json_text import dump


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """Bounds on the head of one request."""

    bytes: int
    fields: int
    seconds: float


@dataclass(slots=True)
class ConnectionLimits:
    """Bounds on open connections, in all and from one address; more are closed at once.

    ``exempt`` are addresses that many clients share, such as that of a proxy.
    """

    total: int
    per_address: int
    exempt: Callable[[str], bool]
    _open: Counter[str] = field(default_factory=Counter)

    def opened(self, address: str, open_now: int) -> bool:
        """Count a connection, one of ``open_now``; return whether it may stay."""
        self._open[address] += 1
        if open_now > self.total:
            return False
        few = not address or self._open[address] <= self.per_address
        return few or self.exempt(address)

    def closed(self, address: str) -> None:
        """Count the end of a connection."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


class BoundedHttpProtocol(H2cWorkaroundProtocol):
    """The protocol of one connection; a head beyond its bounds ends it."""

    def __init__(
        self, *args: Any, limits: HeadLimits, connection_limits: ConnectionLimits, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._connection_limits = connection_limits
        self._address = ""
        self._limits = limits
        self._head_number = 0
        self._head_size = 0
        self._head_is_open = False
        self._awaits_head = True
        self._head_is_too_large = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time; close a connection beyond the bounds."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self._connection_limits.opened(self._address, len(self.connections)):
            transport.abort()
            return
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock and count the end."""
        self._connection_limits.closed(self._address)
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to an unfinished head, which the parser keeps in memory."""
        awaited = self._awaits_head
        if awaited:
            self._start_head_timer()
        same = self._head_number if self._head_is_open else self._head_number + 1
        super().data_received(data)
        if awaited and self._head_is_open and self._head_number == same:
            self._count(len(data))

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._head_number += 1
        self._head_size = 0
        self._head_is_open = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field. Raises ``HttpParserError`` when there are too many."""
        super().on_header(name, value)
        if len(self.headers) > self._limits.fields:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """End a head. Raises ``HttpParserError`` when it is too long."""
        if self._size_of_head() > self._limits.bytes:
            self._refuse_head()
        self._head_is_open = False
        self._awaits_head = False
        self._stop_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request: what comes next is a head."""
        self._awaits_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer 431 to a head beyond its bounds, 400 to anything else that is not HTTP."""
        if not self._head_is_too_large:
            super().send_400_response(msg)
            return
        self.transport.write(_answer(self._limits))
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._limits.bytes and not self.transport.is_closing():
            self._head_is_too_large = True
            self.send_400_response("")

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse_head(self) -> None:
        self._head_is_too_large = True
        raise httptools.HttpParserError("The head of the request is too large.")

    def _start_head_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.seconds, self._give_up)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:  # a pipelined head is not read before the answer under way has ended
            self._start_head_timer()


def _answer(limits: HeadLimits) -> bytes:
    message = (
        f"The request line and headers are larger than {limits.bytes} bytes "
        f"or more than {limits.fields} fields."
    )
    body = dump({"error": {"code": "request_header_fields_too_large", "message": message}})
    head = (
        "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
