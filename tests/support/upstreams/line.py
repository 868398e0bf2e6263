"""A line to a real server that is slow, or fails in every way before it works, on command."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import httpx

from tests.support import patient
from tests.support.upstreams.wire import Reply, WireRequest

_PASSED_ON = ("authorization", "content-type", "idempotency-key", "range", "host")
_BACK = ("content-type", "retry-after", "location")


@dataclass
class Line:
    """Passes on what is asked, whole, and the answer; ``delay`` seconds late.

    While it flaps, each thing asked for is lost on its way there, then answered by half an answer,
    then by a gateway's page, then well; and so on again.
    """

    server: str
    delay: float = 0.0
    flaps: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: WireRequest) -> Reply:
        what = f"{request.method} {request.path} {request.headers.get('idempotency-key', '')}"
        self.counts[what] += 1
        turn = self.counts[what] % 4 if self.flaps else 0
        if turn == 1:
            return Reply(reset=True)
        reply = replace(self.pass_on(request), delay=self.delay)
        if turn == 2:
            return replace(reply, cut=10)
        if turn == 3:
            return Reply(502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})
        return reply

    def pass_on(self, request: WireRequest) -> Reply:
        try:
            answer = patient.request(
                request.method,
                f"{self.server}{request.path}",
                params=request.query,
                headers={
                    name: request.headers[name] for name in _PASSED_ON if name in request.headers
                },
                content=request.body,
                timeout=30,
            )
        except httpx.TransportError:
            return Reply(reset=True)
        headers = {name: answer.headers[name] for name in _BACK if name in answer.headers}
        return Reply(answer.status_code, answer.content, headers)
