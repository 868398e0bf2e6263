"""MiniMax's second API as pages about it show it: no official SDK has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.upstreams.hosted import FAILED, SUCCEEDED, HostedJob, HostedServer
from tests.support.upstreams.wire import Reply, WireRequest

_KNOWN = {"model", "content", "resolution", "ratio", "duration", "callback_url"}
_ERRORS = {
    "unauthorized": (1004, "login fail: authentication failed"),
    "missing": (2013, "no such task"),
    "strange": (2013, "invalid params"),
    "moderation": (1026, "input new_sensitive"),
    "credits": (1008, "insufficient balance"),
    "busy": (1002, "rate limit"),
}


@dataclass
class MiniMaxServer(HostedServer):
    kind = "minimax"

    def answer(self, request: WireRequest) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v2", "video_generation"]:
                return self.spoil("create", self.create(request.json()))
            case "GET", ["v2", "query", "video_generation", job_id] if job_id in self.jobs:
                return self.spoil("look", self.look(self.jobs[job_id]))
        return self.refusal(404, "missing")

    def create(self, body: dict[str, Any]) -> Reply:
        self.strange += sorted(body.keys() - _KNOWN)
        job = self.new_job(body["content"][0]["text"], body)
        return job if isinstance(job, Reply) else Reply(200, {"task_id": job.id})

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        task: dict[str, Any] = {"task_id": job.id, "status": job.state}
        if job.state == SUCCEEDED:
            task |= {"content": {"url": self.link()}, "usage": {"duration": 5}}
        if job.state == FAILED:
            code, message = (1027, "output sensitive") if job.moderated else (1000, "unknown error")
            task["error"] = {"code": code, "message": message}
        return Reply(200, {"task": task})

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        _, poor, busy = super().refusals()
        return (("[refuse]", 422, "moderation"), poor, busy)

    def refusal(self, status: int, why: str) -> Reply:
        code, message = _ERRORS[why]
        return Reply(status, {"error": {"code": code, "message": message}})
