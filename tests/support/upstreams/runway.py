"""Runway's API as the types of its official SDK describe it (`runwayml` 5.24.0)."""

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

RECORDED = Recorded("runwayml")
CREDITS = 25
_STATUSES = {
    QUEUED: "PENDING",
    RUNNING: "RUNNING",
    SUCCEEDED: "SUCCEEDED",
    FAILED: "FAILED",
    CANCELED: "CANCELLED",
}
_WORDS = {
    "unauthorized": "The API key is not valid.",
    "missing": "Task not found",
    "strange": "Validation of body failed",
    "moderation": "Your input was rejected by content moderation.",
    "credits": "You do not have enough credits to run this task.",
    "busy": "You have too many requests.",
}


@dataclass
class RunwayServer(HostedServer):
    kind = "runway"

    def answer(self, request: WireRequest) -> Reply:
        if request.headers.get("x-runway-version") != "2024-11-06":
            return self.refusal(400, "strange")
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", ("text_to_video" | "image_to_video") as way]:
                return self.spoil("create", self.create(way, request.json()))
            case "GET", ["v1", "tasks", job_id] if job_id in self.jobs:
                return self.spoil("look", self.look(self.jobs[job_id]))
            case "DELETE", ["v1", "tasks", job_id] if job_id in self.jobs:
                self.stop(self.jobs[job_id])
                return self.spoil("stop", Reply(204))
        return self.spoil("missing", self.refusal(404, "missing"))

    def create(self, way: str, body: dict[str, Any]) -> Reply:
        self.strange += RECORDED.troubles(f"{way} {body['model']}", body)
        job = self.new_job(body["promptText"], body)
        if isinstance(job, Reply):
            return job
        return Reply(200, {"id": job.id, "estimatedCost": {"credits": CREDITS}})

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        status = _STATUSES[job.state]
        body: dict[str, Any] = {
            "id": job.id,
            "status": status,
            "createdAt": "2026-11-29T12:00:00Z",
        }
        match job.state:
            case "succeeded":
                body |= {"output": [self.link()], "cost": {"credits": CREDITS}}
            case "failed":
                body |= {"failure": "An unexpected error occurred.", "cost": {"credits": 0}}
                body["failureCode"] = "INTERNAL.BAD_OUTPUT.CODE01"
                if job.moderated:
                    body["failureCode"] = "SAFETY.INPUT.TEXT"
            case "canceled":
                body["cost"] = {"credits": 0}
            case "running":
                body |= {"progress": 0.3, "estimatedCost": {"credits": CREDITS}}
            case _:
                body["estimatedCost"] = {"credits": CREDITS}
        assert RECORDED.troubles(f"task {status}", body) == []
        return Reply(200, body)

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        refused, _, busy = super().refusals()
        return (refused, ("[poor]", 400, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        return Reply(status, {"error": _WORDS[why]})
