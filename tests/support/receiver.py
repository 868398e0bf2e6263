"""A real HTTP server that receives webhooks, or is asked, and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"


class Receiver:
    """``answer`` is asked per request, with its number from 1; it may block to be slow."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.requests: list[Received] = []
        self.answer: Callable[[int, Received], Answer] = lambda number, request: Answer()
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self._server.daemon_threads = True
        self.place = f"{address}:{self._server.server_port}"
        self.url = f"http://{self.place}/hook"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.path, headers, body)
                with receiver._lock:
                    receiver.requests.append(request)
                    number = len(receiver.requests)
                answer = receiver.answer(number, request)
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                except ConnectionError:
                    pass  # the sender did not wait for it

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def receiving(address: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver(address)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
