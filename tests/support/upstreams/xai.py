"""xAI's API with the names of its official SDK's messages (`xai-sdk` 1.21.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.upstreams.hosted import FAILED, SUCCEEDED, HostedJob, HostedServer
from tests.support.upstreams.recorded import Recorded
from tests.support.upstreams.wire import Reply, WireRequest

RECORDED = Recorded("xai-sdk")
TICKS = 4_000_000_000
_ERRORS = {
    "unauthorized": "Incorrect API key provided.",
    "missing": "No such request.",
    "strange": "Invalid request content.",
    "moderation": "Content violates usage guidelines.",
    "credits": "Your team has used all available credits or reached its monthly spending limit.",
    "busy": "Too many requests.",
}


@dataclass
class XaiServer(HostedServer):
    kind = "xai"

    def answer(self, request: WireRequest) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["videos", "generations"]:
                return self.spoil("create", self.create(request.json()))
            case "GET", ["videos", job_id] if job_id in self.jobs:
                return self.spoil("look", self.look(self.jobs[job_id]))
        return self.refusal(404, "missing")

    def create(self, body: dict[str, Any]) -> Reply:
        self.strange += RECORDED.troubles("request", body)
        job = self.new_job(body["prompt"], body)
        return job if isinstance(job, Reply) else Reply(200, {"request_id": job.id})

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        body: dict[str, Any] = {"status": "pending", "progress": 10}
        if job.state == SUCCEEDED:
            video = {"url": self.link(), "duration": 8, "respect_moderation": True}
            usage = {"cost_in_usd_ticks": TICKS}
            body = {"status": "done", "video": video, "model": job.body["model"], "usage": usage}
        if job.state == FAILED and job.moderated:
            body = {"status": "done", "video": {"respect_moderation": False}}
        elif job.state == FAILED:
            body = {"status": "failed", "error": {"code": "internal", "message": "It failed."}}
        assert RECORDED.troubles("video", body) == []
        return Reply(202 if body["status"] == "pending" else 200, body)

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        refused, _, busy = super().refusals()
        return (refused, ("[poor]", 429, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        return Reply(status, {"code": "The request was not accepted", "error": _ERRORS[why]})
