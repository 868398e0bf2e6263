"""A paid provider of videos, over real HTTP: what all of the stand-ins do alike.

A prompt with ``[fail]`` fails while it renders, ``[moderated]`` for its content, one with
``[stall]`` never ends. ``[refuse]``, ``[poor]`` and ``[busy]`` are not taken: for the content, the
empty account and the many requests. Other jobs end at the third look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from uuid import UUID

from tests.support.upstreams.faulty import Change
from tests.support.upstreams.videos import KEY, LOOKS, film
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

PATH = "/api"
"""The path of its base URL; videos lie beside it."""

QUEUED, RUNNING = "queued", "running"
SUCCEEDED, FAILED, CANCELED = "succeeded", "failed", "canceled"


@dataclass
class HostedJob:
    """A job, and its state as it is looked at."""

    id: str
    prompt: str
    body: dict[str, Any]
    needed: int = LOOKS
    looks: int = 0
    stopped: bool = False

    @property
    def state(self) -> str:
        if self.stopped:
            return CANCELED
        if "[stall]" in self.prompt or self.looks < self.needed:
            return RUNNING if self.looks > 1 else QUEUED
        failed = "[fail]" in self.prompt or "[moderated]" in self.prompt
        return FAILED if failed else SUCCEEDED

    @property
    def moderated(self) -> bool:
        return "[moderated]" in self.prompt


@dataclass
class HostedServer:
    """``once`` are faults of the first answers, ``always`` of all; by what is asked.

    ``host`` is where the videos lie: nothing there needs a key, and it takes none. ``destroyed``
    are the jobs that had ended when they were stopped; ``strange`` is what was wrong with creates
    by the schemas of the official SDK. A job ends when it was looked at as often as ``needed``.
    """

    kind: ClassVar[str]
    host: str = ""
    once: dict[str, list[Change]] = field(default_factory=dict)
    always: dict[str, Change] = field(default_factory=dict)
    jobs: dict[str, HostedJob] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    needed: int = LOOKS
    links: int = 0
    video: bytes = field(default_factory=film, repr=False)

    def __call__(self, request: WireRequest) -> Reply:
        if request.path.startswith("/bucket/"):
            return self.spoil("content", self.content(request))
        if not self.is_authorized(request):
            return self.refusal(401, "unauthorized")
        return self.answer(replace(request, path=request.path.removeprefix(PATH)))

    def is_authorized(self, request: WireRequest) -> bool:
        return request.headers.get("authorization") == f"Bearer {KEY}"

    def answer(self, request: WireRequest) -> Reply:
        raise NotImplementedError

    def refusal(self, status: int, why: str) -> Reply:
        """Refuse; ``why`` is one of unauthorized, missing, strange, moderation, credits, busy."""
        raise NotImplementedError

    def new_job(self, prompt: str, body: dict[str, Any]) -> HostedJob | Reply:
        """Return a new job, or why there is none."""
        if self.strange:
            return self.refusal(400, "strange")
        for word, status, why in self.refusals():
            if word in prompt:
                return self.refusal(status, why)
        job = HostedJob(self.new_id(), prompt, body, self.needed)
        self.jobs[job.id] = job
        return job

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        return (
            ("[refuse]", 400, "moderation"),
            ("[poor]", 402, "credits"),
            ("[busy]", 429, "busy"),
        )

    def new_id(self) -> str:
        return str(UUID(int=len(self.jobs) + 1))

    def stop(self, job: HostedJob) -> None:
        """Stop a job; what has ended is destroyed."""
        if job.state in (SUCCEEDED, FAILED):
            self.destroyed.append(job.id)
            del self.jobs[job.id]
        job.stopped = True

    def link(self) -> str:
        self.links += 1
        return f"{self.host}/bucket/{self.links}.mp4?signature=abc"

    def content(self, request: WireRequest) -> Reply:
        if {"authorization", "x-goog-api-key"} & request.headers.keys():
            return Reply(400, b"Only one auth mechanism allowed")
        return Reply(200, self.video, {"content-type": "video/mp4"})

    def spoil(self, what: str, reply: Reply) -> Reply:
        if self.once.get(what):
            return self.once[what].pop(0)(reply)
        return self.always[what](reply) if what in self.always else reply


@contextmanager
def hosted_server(server: HostedServer, port: int = 0) -> Iterator[WireServer]:
    """Serve it; the videos lie on the same host, unless it says another one."""
    with wire_server(server, port) as wire:
        server.host = server.host or wire.url
        yield WireServer(f"{wire.url}{PATH}", wire.requests)
