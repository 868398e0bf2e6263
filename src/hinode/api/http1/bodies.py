"""HTTP/1.1 with bounds on a request's body: its pace, its framing, and what no answer needs."""

from __future__ import annotations

from typing import Any

from hinode.api.http1.fair_timer import FairTimer
from hinode.api.http1.heads import BoundedHeadsProtocol
from hinode.api.http1.slow_body import is_too_slow, mark_too_slow

FREE_CHUNKS = 8_000
"""Chunks that may be of any size; each of the others brings some bytes, for it costs time."""
BYTES_PER_CHUNK = 16
_FRAMING = "The chunks are too small, or their sizes, extensions and trailers too large."


class BoundedBodiesProtocol(BoundedHeadsProtocol):
    """The protocol of one connection; a body beyond its bounds ends it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._body_size = 0
        self._framing_size = 0
        self._chunks = 0
        self._size_before = 0
        self._held_back = False
        self._body_timer = FairTimer(self.loop, self._limits.bodies.window, self._body_is_due)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._body_timer.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Give a body that has not ended its time, and count what is not its content."""
        number, size = self._head_number if self._in_body else 0, self._body_size
        super().data_received(data)
        if not self._in_body:
            return
        self._held_back = self._held_back or self.flow.read_paused
        self._body_timer.start()
        if self._head_number == number:
            self._framing_size += len(data) - (self._body_size - size)
        self._check_framing()

    def on_headers_complete(self) -> None:
        """Begin a body."""
        self._body_size = self._framing_size = self._chunks = self._size_before = 0
        self._held_back = False
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Count a chunk. Raises ``HttpParserError`` when there are too many for their content."""
        self._chunks += 1
        if self._chunks > FREE_CHUNKS + self._body_size // BYTES_PER_CHUNK:
            self._refuse(_FRAMING)

    def on_body(self, body: bytes) -> None:
        """Count a part of the body."""
        self._body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock."""
        self._body_timer.stop()
        super().on_message_complete()

    def _check_framing(self) -> None:
        """End a body whose chunks are mostly not content."""
        allowed = self._limits.heads.bytes + self._body_size // 2
        if self._framing_size > allowed:
            self._end_too_large(_FRAMING)

    def _body_is_due(self) -> None:
        received = self._body_size - self._size_before
        waited_for_us = self._held_back or self.cycle.waiting_for_100_continue
        self._size_before = self._body_size
        self._held_back = self.flow.read_paused
        if waited_for_us or not (self._limits.bodies.is_too_slow(received) or self._is_in_vain()):
            self._body_timer.start()
        else:
            self._end_slow_body()

    def _is_in_vain(self) -> bool:
        """Return whether more than a whole body came, and its request was answered before."""
        return self.cycle.response_complete and self._body_size > self._limits.bodies.bytes

    def _end_slow_body(self) -> None:
        """Let the route answer, once; where there is nothing to answer any more, hang up."""
        cycle = self.cycle
        if cycle.response_started or is_too_slow(cycle.scope["state"]):
            self.transport.abort()
            return
        mark_too_slow(cycle.scope["state"])
        cycle.message_event.set()
        self._body_timer.start()
