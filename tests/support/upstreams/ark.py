"""Ark as the types of its official SDK describe it (`byteplus-python-sdk-v2` 3.0.63)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.upstreams.hosted import (
    CANCELED,
    FAILED,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    HostedJob,
    HostedServer,
)
from tests.support.upstreams.recorded import Recorded
from tests.support.upstreams.wire import Reply, WireRequest

RECORDED = Recorded("byteplus-python-sdk-v2")
TOKENS = 108_900
_STATUSES = {
    QUEUED: "queued",
    RUNNING: "running",
    SUCCEEDED: "succeeded",
    FAILED: "failed",
    CANCELED: "cancelled",
}
_ERRORS = {
    "unauthorized": ("AuthenticationError", "The API key is missing or invalid."),
    "missing": ("ResourceNotFound", "The specified resource is not found."),
    "strange": ("InvalidParameter", "A parameter specified in the request is not valid."),
    "moderation": ("InputTextSensitiveContentDetected", "The input text may be sensitive."),
    "credits": ("AccountOverdueError", "The request failed: your account is overdue."),
    "busy": ("RateLimitExceeded.EndpointRPMExceeded", "Too many requests in a minute."),
}


@dataclass
class ArkServer(HostedServer):
    kind = "ark"

    def answer(self, request: WireRequest) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["contents", "generations", "tasks"]:
                return self.spoil("create", self.create(request.json()))
            case "GET", ["contents", "generations", "tasks", job_id] if job_id in self.jobs:
                return self.spoil("look", self.look(self.jobs[job_id]))
            case "DELETE", ["contents", "generations", "tasks", job_id] if job_id in self.jobs:
                return self.spoil("stop", self.delete(self.jobs[job_id]))
        return self.refusal(404, "missing")

    def create(self, body: dict[str, Any]) -> Reply:
        self.strange += RECORDED.troubles("request", body)
        texts = [one["text"] for one in body["content"] if one["type"] == "text"]
        job = self.new_job(texts[0], body)
        if isinstance(job, Reply):
            return job
        created = {"id": job.id}
        assert RECORDED.troubles("created", created) == []
        return Reply(200, created)

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        body: dict[str, Any] = {
            "id": job.id,
            "model": job.body["model"],
            "status": _STATUSES[job.state],
            "created_at": 1764400000,
            "updated_at": 1764400060,
        }
        if job.state == SUCCEEDED:
            body["content"] = {"video_url": self.link()}
            body["usage"] = {"completion_tokens": TOKENS}
        if job.state == FAILED:
            code = (
                "OutputVideoSensitiveContentDetected" if job.moderated else "InternalServiceError"
            )
            body["error"] = {"code": code, "message": "The task failed."}
        assert RECORDED.troubles("task", body) == []
        return Reply(200, body)

    def delete(self, job: HostedJob) -> Reply:
        if job.state == RUNNING:
            return self.refusal(409, "strange")
        self.stop(job)
        return Reply(200, {})

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        refused, _, busy = super().refusals()
        return (refused, ("[poor]", 403, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        code, message = _ERRORS[why]
        return Reply(status, {"error": {"code": code, "message": message, "type": "BadRequest"}})
