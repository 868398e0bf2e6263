"""A server with ``/v1/videos`` that does wrong what it is told to do wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.upstreams.videos import Job, VideoServer, film
from tests.support.upstreams.wire import Reply, WireRequest

Change = Callable[[Reply], Reply]


def instead(reply: Reply) -> Change:
    return lambda _: reply


RESET = instead(Reply(reset=True))
HTML = instead(Reply(200, b"<!doctype html><title>Welcome</title>", {"content-type": "text/html"}))
LIST = instead(Reply(200, b"[1, 2]", {"content-type": "application/json"}))
SCRAP = instead(Reply(200, b'{"id": "vid', {"content-type": "application/json"}))
EMPTY = instead(Reply(200, {}))
BUSY = instead(Reply(429, {"error": {"message": "slow down"}}, {"retry-after": "0"}))
BROKEN = instead(Reply(500, b"Internal Server Error"))
GATEWAY = instead(Reply(502, b"<html>Bad Gateway</html>"))
ENDLESS = instead(Reply(200, b" " * 65536, endless=True))
CUT = instead(Reply(200, b'{"id": "video"}', cut=5))
LIE = instead(Reply(200, film(), {"content-type": "video/mp4"}, length=len(film()) + 10, cut=None))
HALF = instead(Reply(200, film(), {"content-type": "video/mp4"}, cut=len(film()) // 2))
SHORT = instead(Reply(200, film()[: len(film()) // 2], {"content-type": "video/mp4"}))
NOISE = instead(Reply(200, b"\x00\x00\x00\x20ftypisom" + b"noise" * 5000))
GONE = instead(Reply(404, {"error": {"message": "No such video"}}))
UNAUTHORIZED = instead(Reply(401, {"error": {"message": "Incorrect API key sk-secret-1234567"}}))


@dataclass
class FaultyServer(VideoServer):
    """``once`` are faults of the first answers, ``always`` of all; by what is asked."""

    once: dict[str, list[Change]] = field(default_factory=dict)
    always: dict[str, Change] = field(default_factory=dict)

    def create(self, request: WireRequest, place: list[str]) -> Reply:
        return self.spoil("create", super().create(request, place))

    def look(self, job: Job) -> Reply:
        return self.spoil("look", super().look(job))

    def content(self, job: Job, request: WireRequest) -> Reply:
        return self.spoil("content", super().content(job, request))

    def spoil(self, what: str, reply: Reply) -> Reply:
        if self.once.get(what):
            return self.once[what].pop(0)(reply)
        return self.always[what](reply) if what in self.always else reply
