"""The queue of fal as its official SDK uses it (`fal-client` 1.0.3)."""

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
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import Reply, WireRequest

APP = "maker/model"
MODEL = f"{APP}/text-to-video"
_ERRORS = {
    "unauthorized": "Cannot access application: invalid key.",
    "missing": "Request not found.",
    "strange": "Field required.",
    "credits": "User is locked. Reason: Exhausted balance.",
    "busy": "Too many requests.",
}


@dataclass
class FalServer(HostedServer):
    kind = "fal"

    def is_authorized(self, request: WireRequest) -> bool:
        return request.headers.get("authorization") == f"Key {KEY}"

    def answer(self, request: WireRequest) -> Reply:
        base, _, place = request.path.strip("/").partition("/requests/")
        job_id, _, what = place.partition("/")
        job = self.jobs.get(job_id)
        if request.method == "POST" and base == MODEL:
            return self.spoil("create", self.create(request.json()))
        if base != APP or job is None:
            return self.refusal(404, "missing")
        match request.method, what:
            case "GET", "status":
                return self.spoil("look", self.look(job))
            case "GET", "":
                return self.spoil("result", self.outcome(job))
            case "PUT", "cancel":
                return self.spoil("stop", self.cancel(job))
        return self.refusal(404, "missing")

    def create(self, body: dict[str, Any]) -> Reply:
        if not isinstance(body["duration"], str):
            self.strange.append("duration is a text")
        job = self.new_job(body["prompt"], body)
        if isinstance(job, Reply):
            return job
        base = f"{self.host}/api/{APP}/requests/{job.id}"
        addresses = {
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
        }
        return Reply(200, {"status": "IN_QUEUE", "request_id": job.id, **addresses})

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        match job.state:
            case state if state == QUEUED:
                return Reply(202, {"status": "IN_QUEUE", "queue_position": 0})
            case state if state == RUNNING:
                return Reply(202, {"status": "IN_PROGRESS", "logs": None})
            case state if state == CANCELED:
                error = {"error": "Request was cancelled.", "error_type": "cancelled"}
                return Reply(200, {"status": "COMPLETED", "logs": None, "metrics": {}, **error})
        return Reply(200, {"status": "COMPLETED", "logs": None, "metrics": {}})

    def outcome(self, job: HostedJob) -> Reply:
        if job.state == SUCCEEDED:
            return Reply(200, {"video": {"url": self.link(), "content_type": "video/mp4"}})
        if job.state == FAILED:
            kind = "content_policy_violation" if job.moderated else "generation_failed"
            return Reply(422, {"detail": [{"loc": ["body"], "msg": "It failed.", "type": kind}]})
        return Reply(400, {"detail": "Request is still in progress"})

    def cancel(self, job: HostedJob) -> Reply:
        if job.state not in (QUEUED, RUNNING):
            return Reply(400, {"status": "ALREADY_COMPLETED"})
        job.stopped = True
        return Reply(202, {"status": "CANCELLATION_REQUESTED"})

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        _, _, busy = super().refusals()
        return (("[refuse]", 422, "moderation"), ("[poor]", 403, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        if why == "moderation":
            detail = {"loc": ["body"], "msg": "Flagged.", "type": "content_policy_violation"}
            return Reply(status, {"detail": [detail]})
        return Reply(status, {"detail": _ERRORS[why]})
