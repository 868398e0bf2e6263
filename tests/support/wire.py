"""Requests as bytes on real sockets, and answers read from them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with a Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(address: str, source: str = "") -> socket.socket:
    """Connect to a server, from one of the machine's own addresses if it matters."""
    place = urlsplit(address)
    where = (place.hostname or "", place.port or 0)
    return socket.create_connection(where, 30, source_address=(source, 0) if source else None)


def head(method: str, path: str, *fields: str) -> bytes:
    """Return the head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: here", *fields]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def read_answer(stream: BinaryIO) -> Answer:
    """Read the next answer."""
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while (line := stream.readline()) != b"\r\n":
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, stream.read(int(headers.get("content-length", "0"))))
