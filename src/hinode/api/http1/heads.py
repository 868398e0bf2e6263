"""HTTP/1.1 with bounds on a request's head: its bytes, its fields and its time."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools

from hinode.api.http1.fair_timer import FairTimer
from hinode.api.http1.h2c_workaround import H2cWorkaroundProtocol
from hinode.api.http1.limits import HttpLimits
from hinode.api.json_text import dump


class BoundedHeadsProtocol(H2cWorkaroundProtocol):
    """The protocol of one connection; a head beyond its bounds ends it."""

    def __init__(self, *args: Any, limits: HttpLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._head_number = 0
        self._head_size = 0
        self._head_is_open = False
        self._too_large = ""
        self._head_timer = FairTimer(self.loop, limits.heads.seconds, self._head_is_due)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        super().connection_made(transport)
        self._head_timer.start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._head_timer.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to an unfinished head, which the parser keeps in memory."""
        number, awaited, was_open = self._head_number, not self._in_body, self._head_is_open
        super().data_received(data)
        only_one = self._head_number == (number if was_open else number + 1)
        only_blanks = not was_open and self._head_number == number
        if awaited and (only_blanks or (only_one and self._head_is_open)):
            self._count_head(len(data))
        if self._head_is_open or (awaited and only_blanks):
            self._head_timer.start()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._head_number += 1
        self._head_is_open = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field. Raises ``HttpParserError`` when there are too many.

        A trailer is dropped: it must not count as a part of the head, which was read without it.
        """
        if not self._head_is_open:
            return
        super().on_header(name, value)
        if len(self.headers) > self._limits.heads.fields:
            self._refuse(self._large_head())

    def on_headers_complete(self) -> None:
        """End a head. Raises ``HttpParserError`` when it is too long."""
        if self._size_of_head() > self._limits.heads.bytes:
            self._refuse(self._large_head())
        self._head_is_open = False
        self._head_size = 0
        self._head_timer.stop()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer 431 to what is beyond its bounds, 400 to anything else that is not HTTP.

        Where an answer is under way or was given, the connection is closed without another.
        """
        if not self._may_answer():
            self.transport.close()
        elif not self._too_large:
            super().send_400_response(msg)
        else:
            self.transport.write(_answer(self._too_large))
            self.transport.close()

    def _may_answer(self) -> bool:
        if self.cycle is None:
            return True
        return not self.cycle.response_started if self._in_body else self.cycle.response_complete

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._limits.heads.bytes:
            self._end_too_large(self._large_head())

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, why: str) -> None:
        self._too_large = why
        raise httptools.HttpParserError(why)

    def _large_head(self) -> str:
        heads = self._limits.heads
        return (
            f"The request line and headers are larger than {heads.bytes} bytes "
            f"or more than {heads.fields} fields."
        )

    def _end_too_large(self, why: str) -> None:
        if not self.transport.is_closing():
            self._too_large = why
            self.send_400_response("")

    def _head_is_due(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:  # a pipelined head is not read before the answer under way has ended
            self._head_timer.start()


def _answer(message: str) -> bytes:
    body = dump({"error": {"code": "request_header_fields_too_large", "message": message}})
    head = (
        "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n"
        "access-control-allow-origin: *\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
