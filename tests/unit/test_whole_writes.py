"""Heads of responses wait for their bodies, but not for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import cast

import pytest

from hinode.api.http1.whole_writes import WholeWrites

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


class Wire:
    """A transport that keeps what is sent, one entry per packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.packets.append(data)

    def writelines(self, parts: Iterable[bytes]) -> None:
        self.packets.append(b"".join(parts))

    def close(self) -> None:
        self.packets.append(b"closed")

    def is_closing(self) -> bool:
        return self.packets[-1:] == [b"closed"]


class Round:
    """A loop whose rounds the test ends."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def call_soon(self, callback: Callable[[], None]) -> None:
        self.waiting.append(callback)

    def end(self) -> None:
        for one in self.waiting:
            one()
        self.waiting.clear()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def round_() -> Round:
    return Round()


@pytest.fixture
def transport(wire: Wire, round_: Round) -> WholeWrites:
    loop = cast(asyncio.AbstractEventLoop, round_)
    return WholeWrites(cast(asyncio.Transport, wire), loop)


def test_head_and_body_go_together(transport: WholeWrites, wire: Wire, round_: Round) -> None:
    transport.write(HEAD)
    transport.write(b"body")
    round_.end()

    assert wire.packets == [HEAD + b"body"]


def test_a_head_alone_goes_at_the_end_of_the_round(
    transport: WholeWrites, wire: Wire, round_: Round
) -> None:
    transport.write(HEAD)
    assert wire.packets == []
    round_.end()
    transport.write(b"data: 1\n\n")
    transport.write(b"data: 2\n\n")

    assert wire.packets == [HEAD, b"data: 1\n\n", b"data: 2\n\n"]


def test_a_close_sends_the_head_before(transport: WholeWrites, wire: Wire) -> None:
    transport.write(HEAD)
    transport.close()

    assert wire.packets == [HEAD, b"closed"]
    assert transport.is_closing()


def test_two_heads_keep_their_order(transport: WholeWrites, wire: Wire, round_: Round) -> None:
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    transport.write(HEAD)
    transport.write(b"body")
    round_.end()

    assert b"".join(wire.packets) == b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"body"
