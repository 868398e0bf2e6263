"""Jobs of the library: what went in, how it stands, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request

from hinode.api.given_parameters import GivenParameters, given_parameters
from hinode.api.job_route import public_upstream
from hinode.api.signed_urls import SignedUrls
from hinode.api.studio.common import StudioSchema
from hinode.api.unix_times import to_unix
from hinode.core.assets.types import INPUTS, Asset
from hinode.core.jobs.library import LibraryJob
from hinode.core.jobs.types import Job
from hinode.kit.ids import encode_id, to_video_id
from hinode.media.types import ArtifactRole, MediaKind

StatusName = Literal["queued", "running", "completed", "failed", "canceled"]
KindName = Literal["video", "image"]
_VARIANTS: Mapping[ArtifactRole, str] = {
    ArtifactRole.VIDEO: "url",
    ArtifactRole.IMAGE: "url",
    ArtifactRole.WATERMARKED: "watermarked_url",
    ArtifactRole.THUMBNAIL: "thumbnail_url",
    ArtifactRole.SPRITESHEET: "spritesheet_url",
}


class StudioInput(StudioSchema):
    """A file that a job renders from."""

    role: Literal["upload", "mask", "last_frame", "reference", "source"] = Field(
        description="`upload`: the first frame, or the picture to start from; `source`: a video."
    )
    url: str = Field(description="Signed URL of the file, good for 24 hours.")
    content_type: str = Field(description="Media type of the file.")
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")


class StudioOutput(StudioSchema):
    """An output of a completed job; its signed URLs are good for 24 hours."""

    index: int = Field(description="Number of the output, from 0.")
    url: str | None = Field(description="URL of the video or image.")
    watermarked_url: str | None = Field(description="URL of the copy with the visible mark.")
    thumbnail_url: str | None = Field(description="URL of a still picture.")
    spritesheet_url: str | None = Field(description="URL of a sheet of small frames.")
    content_type: str | None = Field(description="Media type of the file.")
    bytes: int | None = Field(description="Length of the file.")


class StudioShot(StudioSchema):
    """A shot of a storyboard."""

    prompt: str = Field(description="Description of the shot.")
    seconds: float = Field(description="Length in seconds.")


class StudioJobError(StudioSchema):
    """The reason that a job failed."""

    code: str = Field(description="Stable error code.", examples=["engine_failed"])
    message: str = Field(description="Explanation for people.")


class StudioJob(StudioSchema):
    """A job of the account. Times are in Unix seconds."""

    id: str = Field(description="Id of the job (UUID), as in tasks and the ledger.")
    video_id: str | None = Field(description="Id in `/v1/videos`; null for images.")
    kind: KindName = Field(description="`video` or `image`.")
    action: str = Field(description="`create`, or how it was derived.", examples=["create"])
    parent_id: str | None = Field(description="Id of the job that it was derived from, or null.")
    retry_of: str | None = Field(description="Id of the job that it is a retry of, or null.")
    status: StatusName = Field(description="Status of the job.")
    progress: int = Field(description="Progress in percent.")
    queue_position: int | None = Field(description="Jobs before it in the queue, or null.")
    remaining_seconds: int | None = Field(
        description="Estimate of the time until its end; null if nothing tells."
    )
    title: str | None = Field(description="Title, or null.")
    favorite: bool = Field(description="True if it is marked as a favourite.")
    prompt: str = Field(description="The prompt.")
    prompt_history: list[str] = Field(description="Prompts of what it was derived from.")
    model: str = Field(description="Id of the model.", examples=["sora-2"])
    engine: str = Field(description="Name of the engine that renders or rendered it.")
    upstream: str | None = Field(
        description="Name of the model there; null: the engine's own choice.", examples=["gen4.5"]
    )
    width: int = Field(description="Width in pixels.")
    height: int = Field(description="Height in pixels.")
    seconds: float = Field(description="Length in seconds; 0 for images.")
    fps: int = Field(description="Frames per second.")
    frames: int = Field(description="Frames of each output.")
    seed: int = Field(description="Seed of the first output.")
    n: int = Field(description="Number of outputs.")
    watermark: bool = Field(description="True if a visible mark was asked for.")
    parameters: GivenParameters = Field(description="Generation parameters that were given.")
    shots: list[StudioShot] = Field(description="Shots of the storyboard; empty without one.")
    characters: list[str] = Field(description="Ids of its characters: `char_…`.")
    ignored: list[str] = Field(description="Fields that its engine does not take.")
    priority: Literal["low", "normal", "high"] = Field(description="Priority in the queue.")
    credits: int = Field(description="Credits held, or charged once it has ended.")
    inputs: list[StudioInput] = Field(description="Files that it renders from.")
    outputs: list[StudioOutput] = Field(description="Its outputs; empty until it has completed.")
    error: StudioJobError | None = Field(description="Why it failed; null if it did not.")
    created_at: int = Field(description="Time of creation.")
    started_at: int | None = Field(description="Time of the start; null before it.")
    ended_at: int | None = Field(description="Time of the end; null before it.")
    expires_at: int | None = Field(description="Expiry of its files; null without one.")


def job_object(links: SignedUrls, request: Request, found: LibraryJob) -> dict[str, Any]:
    """Return the JSON of a job for its owner."""
    job, plan, is_video = found.detail.job, found.detail.job.plan, _is_video(found.detail.job)
    return {
        "id": str(job.id),
        "video_id": to_video_id(job.id) if is_video else None,
        "kind": job.kind.value,
        "action": job.action.value,
        "parent_id": str(job.parent_id) if job.parent_id else None,
        "retry_of": str(job.options.retry_of) if job.options.retry_of else None,
        "status": job.state.value,
        "progress": job.progress,
        "queue_position": found.detail.queue_position,
        "remaining_seconds": found.detail.remaining_seconds,
        "title": job.title,
        "favorite": job.favorite,
        "prompt": job.prompt,
        "prompt_history": list(job.options.prompt_history),
        "model": job.model,
        "engine": job.engine,
        "upstream": public_upstream(job.upstream),
        "width": plan.width,
        "height": plan.height,
        "seconds": plan.seconds if is_video else 0.0,
        "fps": plan.fps,
        "frames": plan.frames,
        "seed": plan.seed,
        "n": plan.outputs,
        "watermark": plan.watermark,
        "parameters": given_parameters(job.options),
        "shots": [
            {"prompt": shot.prompt, "seconds": shot.frames / plan.fps} for shot in job.options.shots
        ],
        "characters": [encode_id("char_", one) for one in job.options.characters],
        "ignored": list(job.options.ignored),
        "priority": job.priority.value,
        "credits": job.charged,
        "inputs": [_input(links, request, one) for one in found.files if one.role in INPUTS],
        "outputs": _outputs(links, request, found),
        "error": {"code": job.error.code, "message": job.error.message} if job.error else None,
        "created_at": to_unix(job.created_at),
        "started_at": to_unix(job.started_at),
        "ended_at": to_unix(job.ended_at),
        "expires_at": to_unix(job.expires_at),
    }


def _is_video(job: Job) -> bool:
    return job.kind is MediaKind.VIDEO


def _input(links: SignedUrls, request: Request, asset: Asset) -> dict[str, Any]:
    return {
        "role": asset.role.value,
        "url": _url(links, request, asset),
        "content_type": asset.content_type,
        "width": asset.width,
        "height": asset.height,
    }


def _outputs(links: SignedUrls, request: Request, found: LibraryJob) -> list[dict[str, Any]]:
    outputs: dict[int, dict[str, Any]] = {}
    for asset in found.files:
        if asset.role not in _VARIANTS:
            continue
        empty = {"index": asset.output, **dict.fromkeys(_VARIANTS.values())}
        one = outputs.setdefault(asset.output, {**empty, "content_type": None, "bytes": None})
        one[_VARIANTS[asset.role]] = _url(links, request, asset)
        if asset.role in (ArtifactRole.VIDEO, ArtifactRole.IMAGE):
            one.update(content_type=asset.content_type, bytes=asset.bytes)
    return [outputs[index] for index in sorted(outputs)]


def _url(links: SignedUrls, request: Request, asset: Asset) -> str:
    suffix = asset.key[asset.key.rindex(".") :]
    return links.url(request, asset.job_id, asset.output, asset.role, suffix=suffix)
