"""A server of the task API as its documentation describes it, over real HTTP.

A prompt with ``[fail]`` fails while it renders, one with ``[stall]`` never ends, one with
``[refuse]`` is not taken. Other tasks end at the third look.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.support.upstreams.faulty import Change
from tests.support.upstreams.videos import KEY, LOOKS, film
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

MODEL = "upstream-model"


@dataclass
class Task:
    id: str
    body: dict[str, Any]
    looks: int = 0
    stopped: bool = False

    @property
    def status(self) -> str:
        prompt = self.body["input"]["prompt"]
        if self.stopped:
            return "failed"
        if "[stall]" in prompt or self.looks < LOOKS:
            return "processing" if self.looks else "pending"
        return "failed" if "[fail]" in prompt else "completed"


@dataclass
class TaskServer:
    """``once`` are faults of the first answers, ``always`` of all; by what is asked.

    ``host`` is where the videos lie: nothing there needs a key. ``deletes`` is whether it has our
    DELETE, which the documentation does not know.
    """

    deletes: bool = True
    host: str = ""
    once: dict[str, list[Change]] = field(default_factory=dict)
    always: dict[str, Change] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    links: int = 0

    def __call__(self, request: WireRequest) -> Reply:
        if request.path.startswith("/bucket/"):
            return self.spoil("content", self.content(request))
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, "invalid_api_key", f"No such key: {KEY}")
        place = request.path.removeprefix("/v1/").split("/")
        match request.method, place:
            case "POST", ["videos", "generations"]:
                return self.spoil("create", self.create(request.json()))
            case "GET", ["tasks", remote_id] if remote_id in self.tasks:
                return self.spoil("look", self.look(self.tasks[remote_id]))
            case "DELETE", ["tasks", remote_id] if self.deletes and remote_id in self.tasks:
                self.tasks[remote_id].stopped = True
                data = {"taskId": remote_id, "status": "canceled"}
                return self.spoil("delete", Reply(200, {"code": 200, "data": data}))
            case "DELETE", _ if not self.deletes:
                return Reply(405, {"error": {"message": "Method Not Allowed"}})
        return refusal(404, "task_not_found", "No such task")

    def create(self, body: dict[str, Any]) -> Reply:
        given = body["input"]
        if body["model"] != MODEL:
            return refusal(404, "model_not_found", "The model does not exist")
        if not isinstance(given["duration"], int) or given["aspect_ratio"] not in ("16:9", "9:16"):
            return refusal(400, "invalid_request", "duration and aspect_ratio are required")
        if "[refuse]" in given["prompt"]:
            return refusal(503, "upstream_error", "The prompt violates our content policy")
        task = Task(str(UUID(int=len(self.tasks) + 1)), body)
        self.tasks[task.id] = task
        return Reply(200, {"code": 200, "msg": "success", "data": {"taskId": task.id}})

    def look(self, task: Task) -> Reply:
        task.looks += 1
        head = {"id": task.id, "status": task.status, "model": MODEL, "created_at": 1774706165}
        match task.status:
            case "completed":
                output = {"urls": [self.link()], "metadata": {"duration": 2, "prompt": "a fox"}}
                return Reply(200, {**head, "completed_at": 1774706170, "output": output})
            case "failed":
                error = {"code": "upstream_error", "message": "Video generation failed"}
                return Reply(200, {**head, "error": error})
        return Reply(200, {**head, "progress": 30 * task.looks if task.looks > 1 else None})

    def link(self) -> str:
        self.links += 1
        return f"{self.host}/bucket/{self.links}.mp4?signature=abc"

    def content(self, request: WireRequest) -> Reply:
        if "authorization" in request.headers:
            return Reply(400, b"Only one auth mechanism allowed")
        return Reply(200, film(), {"content-type": "video/mp4"})

    def spoil(self, what: str, reply: Reply) -> Reply:
        if self.once.get(what):
            return self.once[what].pop(0)(reply)
        return self.always[what](reply) if what in self.always else reply


def refusal(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": message, "type": "some_error"}})


@contextmanager
def task_server(server: TaskServer) -> Iterator[WireServer]:
    """Serve it; the videos lie on the same host, unless it says another one."""
    with wire_server(server) as wire:
        server.host = server.host or wire.url
        yield WireServer(f"{wire.url}/v1", wire.requests)
