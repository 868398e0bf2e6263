"""Video routes of other servers as aliases of ours: new-api's generations and Azure's jobs.

They create, find and send the same videos as `/v1/videos`, whose ids they use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.job_route import tell_route
from hinode.api.json_text import dump, json_response
from hinode.api.openai import generation_schemas as schemas
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.serializers import STATUSES
from hinode.api.openai.video_requests import CreateVideo
from hinode.api.openai.videos import VideoRoutes
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import BINARY, IDEMPOTENCY_KEY, any_body
from hinode.api.unix_times import to_unix
from hinode.api.unread_fields import ignored_fields, ignored_member
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job, JobDetail, JobState
from hinode.kit.ids import decode_short_id, encode_short_id, to_video_id
from hinode.media.types import ArtifactRole

_DOCS = DOCS.of("other servers' routes")

_GENERATIONS = "/v1/video/generations"
_JOBS = f"{_GENERATIONS}/jobs"
_GENERATION_ID = "gen_"
_FAILURE_CODE = 500
_JOB_STATUSES: Mapping[JobState, str] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.COMPLETED: "succeeded",
    JobState.FAILED: "failed",
    JobState.CANCELED: "cancelled",
}


def add_generations(table: RouteTable, videos: VideoRoutes) -> None:
    """Add the routes."""
    routes = GenerationRoutes(videos)
    wrong = (400, 404, 409, 413, 415, 429)
    body, headers = any_body(CreateVideo), [IDEMPOTENCY_KEY]
    table.add(
        _DOCS, "POST", _GENERATIONS, routes.create, "createVideoGeneration",
        schemas.CreatedGeneration, *wrong, body=body, parameters=headers,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _JOBS, routes.create_job, "createVideoGenerationJob",
        schemas.GenerationJob, *wrong, success=201, body=body, parameters=headers,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", f"{_JOBS}/{{video_id}}", routes.retrieve_job, "retrieveVideoGenerationJob",
        schemas.GenerationJob, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", f"{_GENERATIONS}/{{video_id}}", routes.retrieve, "retrieveVideoGeneration",
        schemas.Generation, 404,
    )  # fmt: skip
    for method, name in (
        ("GET", "downloadVideoGeneration"),
        ("HEAD", "describeVideoGenerationFile"),
    ):
        table.add(
            _DOCS, method, f"{_GENERATIONS}/{{gen_id}}/content/video", routes.content, name,
            {"video/mp4": BINARY}, 400, 404,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GenerationRoutes:
    """Handlers of the aliases."""

    videos: VideoRoutes

    async def create(self, request: Request) -> Response:
        """Create a video, as clients of new-api do (alias).

        It is the video that `POST /v1/videos` creates.
        """
        detail = await self._create(request)
        made = {"task_id": to_video_id(detail.job.id), "status": STATUSES[detail.job.state]}
        return json_response(made | ignored_member(ignored_fields(request)))

    async def retrieve(self, request: Request, video_id: str) -> Response:
        """Retrieve a video, as clients of new-api do (alias)."""
        detail = await self._find(request, video_id)
        return json_response(self._generation(request, detail.job))

    async def create_job(self, request: Request) -> Response:
        """Create a video, as clients of Azure's video jobs do (alias).

        It is the video that `POST /v1/videos` creates.
        """
        detail = await self._create(request)
        body = dump(generation_job(detail.job) | ignored_member(ignored_fields(request)))
        return Response(body, 201, media_type="application/json")

    async def retrieve_job(self, request: Request, video_id: str) -> Response:
        """Retrieve a video job, as clients of Azure's video jobs do (alias)."""
        detail = await self._find(request, video_id)
        return json_response(generation_job(detail.job))

    async def content(self, request: Request, gen_id: str) -> Response:
        """Download an output of a video job, as clients of Azure's video jobs do (alias)."""
        found = await self.videos.auth.call(request, self._asset, gen_id)
        return await self.videos.send_file(request, *found)

    async def _create(self, request: Request) -> JobDetail:
        detail = await self.videos.create_video(request, CreateVideo)
        tell_route(request, detail.job)
        return detail

    async def _find(self, request: Request, video_id: str) -> JobDetail:
        detail = await self.videos.auth.call(request, self.videos.find, video_id)
        tell_route(request, detail.job)
        return detail

    def _asset(self, caller: Caller, gen_id: str) -> tuple[str, Asset]:
        """Return the id of the video of an output, and its file."""
        found = decode_short_id(_GENERATION_ID, gen_id)
        if found is None:
            raise HinodeError(
                ErrorCode.JOB_NOT_FOUND, "There is no such generation in this account.", param="id"
            )
        video_id, output = to_video_id(found[0]), found[1]
        job = self.videos.find(caller, video_id).job
        return video_id, self.videos.jobs.content(caller, job.id, ArtifactRole.VIDEO, output)

    def _generation(self, request: Request, job: Job) -> dict[str, Any]:
        plan = job.plan
        members: dict[str, Any] = {
            "task_id": to_video_id(job.id),
            "status": STATUSES[job.state],
            "format": "mp4",
            "metadata": {
                "duration": plan.seconds,
                "fps": plan.fps,
                "width": plan.width,
                "height": plan.height,
                "seed": plan.seed,
            },
        }
        if job.state is JobState.COMPLETED:
            members["url"] = self.videos.context.links.output_url(request, job, 0)
        if job.error is not None:
            members["error"] = {"code": _FAILURE_CODE, "message": job.error.message}
        return members


def generation_job(job: Job) -> dict[str, Any]:
    """Return the JSON of a job as Azure's clients read it."""
    plan = job.plan
    return {
        "object": "video.generation.job",
        "id": to_video_id(job.id),
        "status": _JOB_STATUSES[job.state],
        "created_at": to_unix(job.created_at),
        "finished_at": to_unix(job.ended_at),
        "expires_at": to_unix(job.expires_at),
        "generations": _outputs(job),
        "prompt": job.prompt,
        "model": job.model,
        "n_variants": plan.outputs,
        "n_seconds": plan.seconds,
        "height": plan.height,
        "width": plan.width,
        "failure_reason": job.error.code if job.error else None,
    }


def _outputs(job: Job) -> Sequence[dict[str, Any]]:
    if job.state is not JobState.COMPLETED:
        return []
    return [
        {
            "object": "video.generation",
            "id": encode_short_id(_GENERATION_ID, job.id, output),
            "job_id": to_video_id(job.id),
            "created_at": to_unix(job.ended_at),
            "width": job.plan.width,
            "height": job.plan.height,
            "n_seconds": job.plan.seconds,
            "prompt": job.prompt,
        }
        for output in range(job.plan.outputs)
    ]
