"""Servers with ``/v1/videos`` as their documentation and sources describe them, over real HTTP.

Every prompt with ``[fail]`` fails while it renders, one with ``[stall]`` never ends, one with
``[refuse]`` is not taken. Other jobs end at the third look.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.films import write_film
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

KEY = "sk-upstream-secret-0123456789"
LOOKS = 3


@functools.cache
def film() -> bytes:
    """An MP4 of 2 s, 64x64, 10 frames a second."""
    with tempfile.TemporaryDirectory() as folder:
        return write_film(Path(folder) / "film.mp4").read_bytes()


@dataclass
class Job:
    id: str
    prompt: str
    fields: dict[str, Any]
    path: str
    looks: int = 0
    stopped: bool = False

    @property
    def status(self) -> str:
        if self.stopped:
            return "cancelled"
        if "[stall]" in self.prompt or self.looks < LOOKS:
            return "in_progress" if self.looks else "queued"
        return "failed" if "[fail]" in self.prompt else "completed"

    @property
    def progress(self) -> int:
        return 100 if self.status == "completed" else min(99, 30 * self.looks)


@dataclass
class VideoServer:
    """OpenAI's own shape; the others change what differs."""

    prefix = "/v1"
    model = "upstream-model"
    failure: Any = field(default_factory=lambda: {"code": "server_error", "message": "CUDA OOM"})
    jobs: dict[str, Job] = field(default_factory=dict)

    def __call__(self, request: WireRequest) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return self.refusal(401, "invalid_api_key", f"Incorrect API key: {KEY}")
        place = request.path.removeprefix(f"{self.prefix}/videos").strip("/").split("/")
        match request.method, place:
            case "POST", _:
                return self.create(request, place)
            case "GET", [remote_id] if remote_id in self.jobs:
                return self.look(self.jobs[remote_id])
            case "GET", [remote_id, "content"] if remote_id in self.jobs:
                return self.content(self.jobs[remote_id], request)
            case "DELETE", [remote_id] if remote_id in self.jobs:
                return self.delete(self.jobs[remote_id])
        return self.refusal(404, "not_found", "No such video")

    def create(self, request: WireRequest, place: list[str]) -> Reply:
        if place[-1] == "remix":
            return self.made(request.json(), request.path)
        return self.made(request.form() if request.is_form else request.json(), request.path)

    def made(self, fields: dict[str, Any], path: str) -> Reply:
        if "[refuse]" in fields["prompt"]:
            return self.refusal(400, "moderation_blocked", "Blocked by our moderation system")
        job = Job(self.new_id(), fields["prompt"], fields, path)
        self.jobs[job.id] = job
        return Reply(200, self.shape(job))

    def new_id(self) -> str:
        return f"video_{len(self.jobs):032x}"

    def look(self, job: Job) -> Reply:
        job.looks += 1
        return Reply(200, self.shape(job), {"openai-poll-after-ms": "50"})

    def shape(self, job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "object": "video",
            "model": self.model,
            "status": job.status,
            "progress": job.progress,
            "created_at": 1,
            "completed_at": None,
            "expires_at": None,
            "prompt": job.prompt,
            "size": job.fields.get("size"),
            "seconds": job.fields.get("seconds"),
            "remixed_from_video_id": None,
            "error": self.failure if job.status == "failed" else None,
        }

    def content(self, job: Job, request: WireRequest) -> Reply:
        if job.status != "completed":
            return self.refusal(400, "video_not_ready", "The video is not ready")
        return Reply(200, film(), {"content-type": "video/mp4"})

    def delete(self, job: Job) -> Reply:
        job.stopped = True
        return Reply(200, {"object": "video.deleted", "deleted": True, "id": job.id})

    def refusal(self, status: int, code: str, message: str) -> Reply:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        return Reply(status, {"error": error})


class VllmOmniServer(VideoServer):
    """Multipart only; its own model; failed jobs as 5xx; no variants; DELETE aborts."""

    model = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"

    def create(self, request: WireRequest, place: list[str]) -> Reply:
        if place != [""]:
            return Reply(404, {"detail": "Not Found"})
        if not request.is_form:
            return Reply(422, {"detail": [{"msg": "Field required", "loc": ["body", "prompt"]}]})
        fields = request.form()
        if fields.get("model", self.model) != self.model:
            return self.refusal(400, "BadRequestError", "Model mismatch: served model differs")
        return self.made(fields, request.path)

    def new_id(self) -> str:
        return f"video_gen_{len(self.jobs):032x}"

    def shape(self, job: Job) -> dict[str, Any]:
        frames, rate = int(job.fields["num_frames"]), float(job.fields["fps"])
        return {
            **super().shape(job),
            "progress": 100 if job.status == "completed" else 0,
            "seconds": "4",
            "quality": "default",
            "media_type": "video/mp4",
            "file_name": f"{job.id}.mp4" if job.status == "completed" else None,
            "inference_time_s": None,
            "fps": rate,
            "num_frames": frames,
            "duration_s": frames / rate,
            "metrics": None,
            "stage_durations": {},
            "peak_memory_mb": 0.0,
            "action": None,
            "error": {"code": 500, "message": "CUDA OOM"} if job.status == "failed" else None,
        }

    def look(self, job: Job) -> Reply:
        job.looks += 1
        return Reply(500 if job.status == "failed" else 200, self.shape(job))

    def delete(self, job: Job) -> Reply:
        del self.jobs[job.id]
        return Reply(200, {"id": job.id, "deleted": True, "object": "video.deleted"})

    def content(self, job: Job, request: WireRequest) -> Reply:
        if job.status == "failed":
            return self.refusal(422, "failed", "The video failed")
        if job.status != "completed" or request.query:
            return self.refusal(404, "not_found", "No content")
        return Reply(200, film(), {"content-type": "video/mp4"})


class SglangServer(VideoServer):
    """String reference; ``variant`` is an output's index; DELETE only forgets; ``detail``."""

    def create(self, request: WireRequest, place: list[str]) -> Reply:
        if place != [""]:
            return Reply(404, {"detail": "Not Found"})
        fields = request.form() if request.is_form else request.json()
        if not isinstance(fields.get("input_reference", ""), str):
            return Reply(400, {"detail": "input_reference: Input should be a valid string"})
        return self.made(fields, request.path)

    def new_id(self) -> str:
        return f"{len(self.jobs):08x}-0000-4000-8000-000000000000"

    def shape(self, job: Job) -> dict[str, Any]:
        body = super().shape(job)
        del body["prompt"]
        paths = ["/srv/outputs/a.mp4", "/srv/outputs/b.mp4"]
        nothing = ("url", "urls", "peak_memory_mb", "inference_time_s", "revised_prompt")
        return {
            **body,
            **dict.fromkeys((*nothing, "action", "lidar")),
            "seconds": str(body["seconds"]),
            "quality": "standard",
            "error": {"message": "RuntimeError: CUDA OOM"} if job.status == "failed" else None,
            "file_path": paths[0],
            "file_paths": paths,
            "num_outputs": 2,
        }

    def content(self, job: Job, request: WireRequest) -> Reply:
        if job.status != "completed":
            return Reply(404, {"detail": "Video not ready"})
        if request.query.get("variant", "0") not in ("0", "1"):
            return Reply(404, {"detail": "Variant not found"})
        return Reply(200, film(), {"content-type": "video/mp4"})

    def delete(self, job: Job) -> Reply:
        del self.jobs[job.id]
        return Reply(200, {**self.shape(job), "status": "deleted"})

    def refusal(self, status: int, code: str, message: str) -> Reply:
        return Reply(status, {"detail": message})


class LitellmServer(VideoServer):
    """Ids spelled anew in each answer; no DELETE; multipart creates only."""

    def shape(self, job: Job) -> dict[str, Any]:
        return {**super().shape(job), "id": f"{job.id}_{job.looks}" if job.looks else job.id}

    def delete(self, job: Job) -> Reply:
        return Reply(405, {"detail": "Method Not Allowed"})


class OpenRouterServer(VideoServer):
    """202 with a polling URL; duration and resolution; errors as text; content by index."""

    prefix = "/api/v1"

    def create(self, request: WireRequest, place: list[str]) -> Reply:
        fields = request.json()
        if not isinstance(fields["duration"], int) or "resolution" not in fields:
            return self.refusal(400, "", "duration and resolution are required")
        made = self.made(fields, request.path)
        if made.status != 200:
            return made
        job = list(self.jobs.values())[-1]
        return Reply(202, {"id": job.id, "polling_url": f"/videos/{job.id}", "status": "pending"})

    def shape(self, job: Job) -> dict[str, Any]:
        body: dict[str, Any] = {"id": job.id, "status": job.status, "usage": {"cost": 1}}
        if job.status == "failed":
            body["error"] = "Provider returned error: CUDA OOM"
        return body

    def content(self, job: Job, request: WireRequest) -> Reply:
        if request.query != {"index": "0"}:
            return self.refusal(404, "", "no such index")
        return super().content(job, request)


SERVERS: dict[str, type[VideoServer]] = {
    "openai": VideoServer,
    "hinode": VideoServer,
    "vllm-omni": VllmOmniServer,
    "sglang": SglangServer,
    "litellm": LitellmServer,
    "openrouter": OpenRouterServer,
}


@contextmanager
def video_server(server: VideoServer) -> Iterator[WireServer]:
    with wire_server(server) as wire:
        yield WireServer(wire.url + server.prefix, wire.requests)
