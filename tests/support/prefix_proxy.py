"""A reverse proxy on loopback that keeps a prefix of the path to itself and streams the rest."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


class _PrefixProxy(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, prefix: str, leads_to: int, *, tells: bool) -> None:
        super().__init__(("127.0.0.1", 0), _OneRequest)
        self.prefix = prefix.encode()
        self.leads_to = leads_to
        self.told = b"X-Forwarded-Prefix: " + self.prefix + b"\r\n" if tells else b""


class _OneRequest(StreamRequestHandler):
    """Carries one request, since the head of a second one would have to be found in the bytes."""

    server: _PrefixProxy

    def handle(self) -> None:
        head = b""
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            head += line
        method, _, rest = head.partition(b" ")
        if not rest.startswith(self.server.prefix + b"/"):
            self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        passed_on = method + b" " + rest.removeprefix(self.server.prefix)
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as there:
            kept = _CONNECTION.sub(b"", passed_on)
            there.sendall(kept + self.server.told + b"Connection: close\r\n\r\n")
            Thread(target=_carry, args=(self.rfile, there.sendall), daemon=True).start()
            _carry(there.makefile("rb"), self.wfile.write)
            # Ends the reading of the other way, which would wait for a client that stays.
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def _carry(source: BufferedIOBase, write: Callable[[bytes], object]) -> None:
    with suppress(OSError, ValueError):
        while data := source.read1(65_536):
            write(data)


@contextmanager
def prefix_proxy(prefix: str, leads_to: int, *, tells: bool = False) -> Iterator[str]:
    """Serve the server on port ``leads_to`` below ``prefix``; give the address without a slash.

    It ``tells`` the server of the prefix, or nothing at all.
    """
    with _PrefixProxy(prefix, leads_to, tells=tells) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}{prefix}"
        proxy.shutdown()
