"""DashScope as its official SDK asks it and reads its answers (`dashscope` 2.0.2)."""

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

RECORDED = Recorded("dashscope")
_STATUSES = {
    QUEUED: "PENDING",
    RUNNING: "RUNNING",
    SUCCEEDED: "SUCCEEDED",
    FAILED: "FAILED",
    CANCELED: "CANCELED",
}
_ERRORS = {
    "unauthorized": ("InvalidApiKey", "Invalid API-key provided."),
    "strange": ("InvalidParameter", "A parameter is not valid."),
    "moderation": ("DataInspectionFailed", "Input data may contain inappropriate content."),
    "credits": ("Arrearage", "Access denied, please make sure your account is in good standing."),
    "busy": ("Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
}
_REQUEST = "00000000-0000-4000-8000-000000000000"


@dataclass
class DashScopeServer(HostedServer):
    kind = "dashscope"

    def answer(self, request: WireRequest) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["services", "aigc", "video-generation", "video-synthesis"]:
                if request.headers.get("x-dashscope-async") != "enable":
                    return self.refusal(403, "strange")
                return self.spoil("create", self.create(request.json()))
            case "GET", ["tasks", job_id]:
                return self.spoil("look", self.look(job_id))
            case "POST", ["tasks", job_id, "cancel"] if job_id in self.jobs:
                return self.spoil("stop", self.cancel(self.jobs[job_id]))
        return self.refusal(404, "strange")

    def create(self, body: dict[str, Any]) -> Reply:
        self.strange += RECORDED.troubles("request", body)
        job = self.new_job(body["input"]["prompt"], body)
        if isinstance(job, Reply):
            return job
        return self.task({"task_id": job.id, "task_status": "PENDING"})

    def look(self, job_id: str) -> Reply:
        job = self.jobs.get(job_id)
        if job is None:  # what is gone is no error: its status says so
            return self.task({"task_id": job_id, "task_status": "UNKNOWN"})
        job.looks += 1
        output: dict[str, Any] = {"task_id": job.id, "task_status": _STATUSES[job.state]}
        if job.state == SUCCEEDED:
            output["video_url"] = self.link()
            usage = {"video_count": 1, "video_duration": 5, "video_ratio": "1280*720"}
            return self.task(output, usage=usage)
        if job.state == FAILED:
            code = "DataInspectionFailed" if job.moderated else "InternalError"
            output |= {"code": code, "message": "The task failed."}
        return self.task(output)

    def cancel(self, job: HostedJob) -> Reply:
        if job.state != QUEUED:
            return self.refusal(400, "strange")
        job.stopped = True
        return Reply(200, {"request_id": _REQUEST})

    def task(self, output: dict[str, Any], **more: Any) -> Reply:
        body = {"request_id": _REQUEST, "output": output, **more}
        assert RECORDED.troubles("task", body) == []
        return Reply(200, body)

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        refused, _, busy = super().refusals()
        return (refused, ("[poor]", 400, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        code, message = _ERRORS[why]
        return Reply(status, {"code": code, "message": message, "request_id": _REQUEST})
