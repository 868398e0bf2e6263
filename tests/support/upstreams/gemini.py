"""Google's Gemini API as the types of its official SDK describe it (`google-genai` 3.6.1)."""

from __future__ import annotations

import base64
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
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.wire import Reply, WireRequest

RECORDED = Recorded("google-genai")
TOKENS = 57_920
_STATUSES = {
    QUEUED: "queued",
    RUNNING: "in_progress",
    SUCCEEDED: "completed",
    FAILED: "failed",
    CANCELED: "cancelled",
}
_ERRORS = {
    "unauthorized": ("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "missing": ("NOT_FOUND", "Interaction not found."),
    "strange": ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    "moderation": ("INVALID_ARGUMENT", "The prompt was blocked: prohibited content."),
    "credits": ("RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
    "busy": ("RESOURCE_EXHAUSTED", "You exceeded your current quota of requests per minute."),
}


@dataclass
class GeminiServer(HostedServer):
    """With ``inline`` videos lie in the answers, whatever delivery was asked for."""

    kind = "gemini"
    inline: bool = False

    def is_authorized(self, request: WireRequest) -> bool:
        return request.headers.get("x-goog-api-key") == KEY

    def answer(self, request: WireRequest) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["interactions"]:
                return self.spoil("create", self.create(request.json()))
            case "GET", ["interactions", job_id] if job_id in self.jobs:
                return self.spoil("look", self.look(self.jobs[job_id]))
            case "POST", ["interactions", job_id, "cancel"] if job_id in self.jobs:
                return self.spoil("stop", self.cancel(self.jobs[job_id]))
            case "GET", ["files", _] if request.query == {"alt": "media"}:
                return self.spoil("content", Reply(200, self.video, {"content-type": "video/mp4"}))
        return self.refusal(404, "missing")

    def create(self, body: dict[str, Any]) -> Reply:
        self.strange += RECORDED.troubles("request", body)
        job = self.new_job(body["input"][0]["content"][0]["text"], body)
        return job if isinstance(job, Reply) else Reply(200, self.interaction(job))

    def look(self, job: HostedJob) -> Reply:
        job.looks += 1
        return Reply(200, self.interaction(job))

    def interaction(self, job: HostedJob) -> dict[str, Any]:
        status = _STATUSES[job.state]
        body: dict[str, Any] = {"id": job.id, "model": job.body["model"], "status": status}
        if job.state == SUCCEEDED:
            said = {"type": "text", "text": "Here it is."}
            body["steps"] = [
                *job.body["input"],
                {"type": "model_output", "content": [said, self.video_part()]},
            ]
            body["usage"] = {"total_tokens": TOKENS}
        if job.state == FAILED:
            code, message = "internal", "The interaction failed."
            if job.moderated:
                code, message = "safety", "The video was blocked for safety."
            body["errors"] = [{"code": code, "message": message}]
        assert RECORDED.troubles("interaction", body) == []
        return body

    def video_part(self) -> dict[str, Any]:
        if self.inline:
            data = base64.b64encode(self.video).decode()
            return {"type": "video", "mime_type": "video/mp4", "data": data}
        self.links += 1
        return {"type": "video", "uri": f"{self.host}/api/files/f{self.links}"}

    def cancel(self, job: HostedJob) -> Reply:
        if job.state not in (QUEUED, RUNNING):
            return self.refusal(400, "strange")
        job.stopped = True
        return Reply(200, self.interaction(job))

    def refusals(self) -> tuple[tuple[str, int, str], ...]:
        refused, _, busy = super().refusals()
        return (refused, ("[poor]", 429, "credits"), busy)

    def refusal(self, status: int, why: str) -> Reply:
        word, message = _ERRORS[why]
        status = 400 if why == "unauthorized" else status
        return Reply(status, {"error": {"code": status, "message": message, "status": word}})
