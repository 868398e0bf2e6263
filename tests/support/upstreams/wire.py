"""A small HTTP server in a thread, whose answers may be as broken as a test wants them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request, whole."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").startswith("multipart/form-data")

    def form(self) -> dict[str, str | bytes]:
        """The fields of a multipart form; files as bytes."""
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        fields: dict[str, str | bytes] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            assert isinstance(name, str)
            assert isinstance(data, bytes)
            fields[name] = data if part.get_filename() else data.decode()
        return fields


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Its faults:

    ``reset``: the connection is dropped instead of it. ``length``: the Content-Length that is
    claimed. ``cut``: only so many bytes of the body are sent. ``endless``: the body is repeated
    until the client goes. ``delay``: seconds before anything is sent.
    """

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    reset: bool = False
    length: int | None = None
    cut: int | None = None
    endless: bool = False
    delay: float = 0.0


Handler = Callable[[WireRequest], Reply]


@dataclass
class WireServer:
    """A running server; ``asked`` has every request so far."""

    url: str
    requests: list[WireRequest]

    def count(self, method: str, start: str = "") -> int:
        return sum(
            1 for one in self.requests if one.method == method and one.path.startswith(start)
        )


@contextmanager
def wire_server(handler: Handler, port: int = 0) -> Iterator[WireServer]:
    loop = asyncio.new_event_loop()
    requests: list[WireRequest] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                requests.append(request)
                if not await _answer(writer, handler(request)):
                    break
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", port, backlog=2000))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        port = server.sockets[0].getsockname()[1]
        yield WireServer(f"http://127.0.0.1:{port}", requests)
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # what was aborted lets go of its socket now


async def _read(reader: asyncio.StreamReader) -> WireRequest | None:
    line = (await reader.readline()).decode()
    if not line:
        return None
    method, target, _ = line.split(" ")
    headers: dict[str, str] = {}
    while head := (await reader.readline()).decode().strip():
        name, _, value = head.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return WireRequest(method, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)


async def _answer(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Send an answer; False when the connection is to be closed."""
    await asyncio.sleep(reply.delay)
    if reply.reset:
        writer.transport.abort()
        return False
    data, kind = reply.body, "application/octet-stream"
    if isinstance(data, dict):
        data, kind = json.dumps(data).encode(), "application/json"
    length = len(data) if reply.length is None else reply.length
    headers = {"content-type": kind, **reply.headers}
    if not reply.endless:
        headers["content-length"] = str(length)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Said\r\n{head}\r\n".encode())
    writer.write(data[: reply.cut])
    await writer.drain()
    while reply.endless:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.001)
    return reply.cut is None and reply.length is None
