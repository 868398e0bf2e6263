"""The pace of request bodies, on a connection whose clock and network are the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from hinode.api.http1.bodies import FREE_CHUNKS
from hinode.api.http1.connections import BoundedHttpProtocol
from hinode.api.http1.limits import BodyLimits, ConnectionLimits, HeadLimits, HttpLimits
from hinode.api.http1.slow_body import is_too_slow

WINDOW = 20.0
RATE = 100
LIMITS = HttpLimits(
    HeadLimits(bytes=1_000, fields=20, seconds=10.0),
    BodyLimits(bytes=10_000, rate=RATE, window=WINDOW),
    ConnectionLimits(10, 10, exempt=lambda host: False),
)
ENOUGH = b"x" * int(RATE * WINDOW)


class Handle:
    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due, self.callback, self.cancelled = due, callback, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Time that passes when the test says so; applications never run."""

    def __init__(self) -> None:
        self.now = 0.0
        self.handles: list[Handle] = []
        self.started = 0

    def time(self) -> float:
        return self.now

    def call_at(self, due: float, callback: Callable[[], None]) -> Handle:
        self.handles.append(Handle(due, callback))
        return self.handles[-1]

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Handle:
        return self.call_at(self.now + seconds, callback)

    def create_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        work.close()
        self.started += 1
        return Task()

    def pass_time(self, seconds: float, late: float = 0.0) -> None:
        """Let time pass; ``late``: the loop stands still for so long at its end."""
        end = self.now + seconds
        while due := [one for one in self.handles if not one.cancelled and one.due <= end]:
            first = min(due, key=lambda one: one.due)
            self.handles.remove(first)
            self.now = max(first.due, self.now) + late
            first.callback()
        self.now = max(end, self.now)


class Task(asyncio.Future[None]):
    def __init__(self) -> None:
        pass

    def add_done_callback(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __hash__(self) -> int:
        return id(self)


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.ended = ""

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = self.ended or "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    """A protocol with everything around it."""

    def __init__(self) -> None:
        self.loop, self.transport = Loop(), Transport()
        config = uvicorn.Config(_never, log_config=None, timeout_keep_alive=1_000)
        self.protocol = BoundedHttpProtocol(
            config=config,
            server_state=ServerState(),
            app_state={},
            _loop=self.loop,
            limits=LIMITS,
        )
        self.protocol.connection_made(self.transport)

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.protocol.data_received(part)

    def answer(self, status: int = 200) -> None:
        """Answer the request under way."""
        start = {"type": "http.response.start", "status": status, "headers": []}
        end = {"type": "http.response.body", "body": b"", "more_body": False}
        for message in (start, end):
            with pytest.raises(StopIteration):
                self.protocol.cycle.send(message).send(None)  # type: ignore[arg-type]

    @property
    def is_told(self) -> bool:
        """Whether the application is told that the body is too slow."""
        return is_too_slow(self.protocol.cycle.scope["state"])


async def _never(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError


@pytest.fixture
def connection() -> Connection:
    return Connection()


def post(*fields: str, path: str = "/") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: a", *fields, "", ""]).encode()


LONG = post("Content-Length: 1000000")
CHUNKED = post("Transfer-Encoding: chunked")


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


def test_a_body_that_stalls_is_told_to_the_application_after_a_window(
    connection: Connection,
) -> None:
    connection.send(LONG, b"x" * 10)

    connection.loop.pass_time(WINDOW - 1)
    assert not connection.is_told
    connection.loop.pass_time(2)
    assert connection.is_told
    assert connection.protocol.cycle.message_event.is_set()
    assert not connection.transport.ended


def test_a_connection_whose_application_says_nothing_is_ended_after_another_window(
    connection: Connection,
) -> None:
    connection.send(LONG)

    connection.loop.pass_time(2 * WINDOW + 1)

    assert connection.transport.ended == "aborted"


def test_each_window_counts_by_itself(connection: Connection) -> None:
    connection.send(LONG)
    for _ in range(3):
        connection.send(ENOUGH)
        connection.loop.pass_time(WINDOW)
        assert not connection.is_told

    connection.send(ENOUGH[1:])
    connection.loop.pass_time(WINDOW)

    assert connection.is_told


def test_what_is_not_content_does_not_count(connection: Connection) -> None:
    connection.send(CHUNKED, b"1;" + b"e" * 900)
    connection.loop.pass_time(WINDOW + 1)

    assert connection.is_told


def test_a_body_that_waits_for_the_server_is_not_slow(connection: Connection) -> None:
    connection.send(LONG, b"x" * 70_000)
    assert connection.protocol.flow.read_paused
    connection.loop.pass_time(10 * WINDOW)
    assert not connection.is_told

    connection.protocol.flow.resume_reading()
    connection.loop.pass_time(WINDOW)
    assert not connection.is_told
    connection.loop.pass_time(WINDOW)
    assert connection.is_told


def test_a_client_that_waits_for_100_continue_is_not_slow(connection: Connection) -> None:
    connection.send(post("Content-Length: 10", "Expect: 100-continue"))

    connection.loop.pass_time(10 * WINDOW)

    assert not connection.is_told


def test_a_server_that_stood_still_does_not_blame_the_client(connection: Connection) -> None:
    connection.send(LONG)

    connection.loop.pass_time(WINDOW, late=40.0)
    assert not connection.is_told
    connection.loop.pass_time(WINDOW)
    assert connection.is_told


def test_a_whole_body_has_no_clock(connection: Connection) -> None:
    connection.send(LONG.replace(b"1000000", b"10"), b"x" * 10)

    connection.loop.pass_time(10 * WINDOW)

    assert not connection.is_told
    assert not connection.transport.ended


def test_a_body_after_its_answer_may_end_at_its_pace_within_the_size(
    connection: Connection,
) -> None:
    connection.send(LONG)
    connection.answer(401)
    for _ in range(4):
        connection.send(ENOUGH)
        connection.loop.pass_time(WINDOW)
        assert not connection.transport.ended

    connection.send(ENOUGH, ENOUGH)
    connection.loop.pass_time(WINDOW)

    assert connection.transport.ended == "aborted"
    assert connection.transport.written.count(b"HTTP/1.1") == 1


def test_a_stalled_body_after_its_answer_ends_the_connection(connection: Connection) -> None:
    connection.send(LONG)
    connection.answer(401)

    connection.loop.pass_time(WINDOW + 1)

    assert connection.transport.ended == "aborted"


@pytest.mark.parametrize(
    "sent",
    [
        [b"5;" + b"e" * 1_200],
        [chunk(b"xx", b";a=" + b"e" * 700), chunk(b"xx", b";a=" + b"e" * 700)],
        [b"0\r\n", b"a: " + b"x" * 1_200],
        [b"0\r\n", b"a: x\r\n" * 300],
        [chunk(b"x") * 200, chunk(b"x") * 200],
    ],
    ids=["one extension", "extensions", "one trailer", "trailers", "tiny chunks"],
)
def test_framing_beyond_its_bound_is_answered_431(
    connection: Connection, sent: list[bytes]
) -> None:
    connection.send(CHUNKED, *sent)

    assert connection.transport.written.startswith(b"HTTP/1.1 431 ")
    assert connection.transport.ended == "closed"


def test_chunks_without_much_content_are_counted_as_they_are_read(connection: Connection) -> None:
    enough = CHUNKED + chunk(b"x") * FREE_CHUNKS
    connection.send(enough + b"0\r\n\r\n")
    connection.answer()
    assert not connection.transport.ended

    connection.send(enough + chunk(b"x") * FREE_CHUNKS)
    assert b"HTTP/1.1 431 " in connection.transport.written


def test_chunks_of_content_are_not_framing(connection: Connection) -> None:
    connection.send(CHUNKED, *[chunk(b"x" * 16) * 100] * 50, b"0\r\n\r\n")

    assert not connection.transport.ended


def test_framing_after_an_answer_has_begun_gets_no_second_one(connection: Connection) -> None:
    connection.send(CHUNKED)
    connection.answer()
    connection.send(b"5;" + b"e" * 1_200)

    assert connection.transport.ended == "closed"
    assert connection.transport.written.count(b"HTTP/1.1") == 1


def test_trailers_are_not_headers(connection: Connection) -> None:
    connection.send(CHUNKED + chunk(b"x") + b"0\r\nAuthorization: Bearer k\r\n\r\n")

    names = [name for name, _ in connection.protocol.cycle.scope["headers"]]

    assert names == [b"host", b"transfer-encoding"]


def test_the_next_request_has_bounds_of_its_own(connection: Connection) -> None:
    for _ in range(3):
        connection.send(CHUNKED, b"5;" + b"e" * 900, b"\r\nhello\r\n", b"0\r\n\r\n")
        connection.answer()

    assert not connection.transport.ended
    assert connection.loop.started == 3


def test_a_whole_request_in_pieces_leaves_no_clock_behind(connection: Connection) -> None:
    connection.send(b"GET / HTTP/1.1\r\nHo", b"st: a\r\n\r\n")
    connection.answer()

    connection.loop.pass_time(10 * LIMITS.heads.seconds)

    assert not connection.transport.ended


def test_the_end_of_a_body_is_no_part_of_the_next_head(connection: Connection) -> None:
    connection.send(LONG.replace(b"1000000", b"2000"), b"x" * 2_000 + b"GET / HT")
    connection.answer()
    connection.send(b"TP/1.1\r\n\r\n")

    assert not connection.transport.ended
    assert connection.loop.started == 2


def test_blank_lines_before_a_head_count_as_a_part_of_it(connection: Connection) -> None:
    for _ in range(3):
        connection.send(b"\r\n" * 400, LONG.replace(b"1000000", b"0"))
        connection.answer()
    assert connection.loop.started == 3

    connection.send(b"\r\n" * 400, b"\r\n" * 400)
    assert connection.transport.ended == "closed"


def test_half_a_head_behind_a_whole_request_has_its_time_too(connection: Connection) -> None:
    connection.send(LONG.replace(b"1000000", b"1") + b"x" + b"GET / HT")
    connection.answer()

    connection.loop.pass_time(LIMITS.heads.seconds + 1)

    assert connection.transport.ended == "closed"
