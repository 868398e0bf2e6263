"""Build new jobs from requests and their resolved plans."""

from __future__ import annotations

from hinode.core.catalog.service import resolve
from hinode.core.catalog.types import Model
from hinode.core.jobs.derivation import DerivedRequest
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.options import DEFAULT_OPTIONS, JobOptions
from hinode.core.jobs.requests import ImageRequest, JobSource, UploadSource, VideoRequest
from hinode.core.jobs.storyboard import resolve_shots
from hinode.core.jobs.types import Job
from hinode.kit.ids import new_id


def image_job(model: Model, prompt: str, request: ImageRequest) -> NewJob:
    """Return a new image job with a model.

    Raises :class:`hinode.core.errors.HinodeError` for parameters that the model does not support.
    """
    options = JobOptions(
        style=request.style,
        picture_format=request.picture_format,
        picture_quality=request.picture_quality,
        partials=request.partials,
        parameters=request.params.render,
        ignored=request.ignored,
        named=request.named,
    )
    resolved = resolve(model, request.params)
    return NewJob(
        new_id(),
        prompt,
        resolved,
        options=options,
        idempotency_key=request.idempotency,
        priority=request.priority,
    )


def video_job(model: Model, prompt: str, request: VideoRequest) -> NewJob:
    """Return a new video job that derives from nothing. Raises as :func:`image_job`."""
    resolved = resolve(model, request.params)
    options = JobOptions(
        style=request.style,
        shots=resolve_shots(request.shots, resolved.plan),
        characters=request.characters,
        callback=request.callback,
        watermarked_copy=request.watermarked_copy and not resolved.plan.watermark,
        parameters=request.params.render,
        ignored=request.ignored,
        named=request.named,
    )
    return NewJob(
        new_id(),
        prompt,
        resolved,
        options=options,
        idempotency_key=request.idempotency,
        priority=request.priority,
    )


def derived_job(
    prompt: str,
    request: VideoRequest,
    start: JobSource | UploadSource,
    derived: DerivedRequest,
    parent: Job | None,
) -> NewJob:
    """Return a new job from a derived request; ``parent`` is None for an uploaded clip."""
    before = parent.options if parent else DEFAULT_OPTIONS
    options = JobOptions(
        style=request.style or before.style,
        prompt_history=derived.prompt_history,
        kept_frames=derived.kept_frames,
        source_output=start.output if isinstance(start, JobSource) else 0,
        post=start.post if isinstance(start, JobSource) else None,
        characters=request.characters,
        watermarked_copy=request.watermarked_copy and not derived.resolved.plan.watermark,
        parameters=request.params.render,
        ignored=request.ignored,
        named=tuple(dict.fromkeys((*before.named, *request.named))),
    )
    return NewJob(
        new_id(),
        prompt,
        derived.resolved,
        action=start.action,
        parent_id=parent.id if parent else None,
        options=options,
        idempotency_key=request.idempotency,
        priority=request.priority,
    )
