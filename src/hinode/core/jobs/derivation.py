"""Resolve remixes, edits and extensions of a job's video or of an uploaded clip."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hinode.core.catalog.post_steps import rendered_plan
from hinode.core.catalog.rejections import unsupported
from hinode.core.catalog.resolver import check_total_pixels
from hinode.core.catalog.service import GenerationParams, least_price, price, resolve
from hinode.core.catalog.types import Model, RenderPlan, ResolvedRequest
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job
from hinode.media.clip_check import ClipInfo
from hinode.media.size import Size
from hinode.media.types import JobAction

MAX_EXTENDED_SECONDS = 120
"""Maximum length of an extended video in seconds, from OpenAI's video guide."""


@dataclass(frozen=True, slots=True)
class DerivedRequest:
    """A resolved request with its prompt history, oldest first.

    ``kept_frames`` is the number of frames of the source that an extension keeps, else 0.
    """

    resolved: ResolvedRequest
    prompt_history: tuple[str, ...]
    kept_frames: int


def derive_from_job(
    model: Model, params: GenerationParams, action: JobAction, parent: Job
) -> DerivedRequest:
    """Resolve the params for a model, with the size, length and seed of the parent as defaults.

    Words in the model's name count as params. Raises :class:`HinodeError` for a value that the
    model does not support, and for an extension above the maximum length.
    """
    seed = parent.plan.seed if params.seed is None else params.seed
    inherits_duration = action is not JobAction.EXTENSION and _inherits_duration(params, model)
    requested = params.following(parent.plan.width, parent.plan.height)
    requested = replace(requested, seed=seed)
    if not params.has_shape:
        requested = replace(requested, size=_size(params, model, parent))
    if inherits_duration:
        requested = replace(requested, seconds=_seconds(model, parent))
    requested = _counted_at(requested, model, parent.plan)
    resolved = resolve(model, requested)
    plan = _with_frame_rate(resolved.plan, requested, model, parent.plan)
    prompt_history = (*parent.options.prompt_history, parent.prompt)
    if action is JobAction.EXTENSION:
        _check_rate(params, parent.plan)
        _check_same_rate(model, plan, parent.plan)
        if not params.has_shape:
            # An engine may have rendered a size that no request can name.
            plan = replace(plan, width=parent.plan.width, height=parent.plan.height)
        whole = _extend(plan, parent.plan)
        return DerivedRequest(
            ResolvedRequest(model, whole, resolved.price), prompt_history, parent.plan.frames
        )
    if inherits_duration and (plan.fps == parent.plan.fps or model.rule is None):
        frames = round(parent.plan.frames * plan.fps / parent.plan.fps)
        plan = replace(plan, frames=frames)
    if params.render.fps is not None:
        check_total_pixels(model, plan, params)
    return DerivedRequest(ResolvedRequest(model, plan, price(model, plan)), prompt_history, 0)


def as_rendered(parent: Job, action: JobAction) -> Job:
    """Return a parent with the plan of what its model rendered, without the steps after that.

    Raises :class:`HinodeError` for an extension, whose frames would differ from those before.
    """
    plan = rendered_plan(parent.plan, parent.options.parameters)
    if plan != parent.plan and action is JobAction.EXTENSION:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            "A video that was interpolated or upscaled cannot be extended.",
            param="video",
            hint="Extend one that was made without 'frame_interpolation_exp' and "
            "'upscaling_scale'.",
        )
    return replace(parent, plan=plan)


def _with_frame_rate(
    plan: RenderPlan, params: GenerationParams, model: Model, parent: RenderPlan
) -> RenderPlan:
    """Keep the parent's frame rate, unless one is named or a frame rule has that of the model."""
    if model.rule is not None or params.render.fps is not None:
        return plan
    return replace(plan, fps=parent.fps, frames=plan.seconds * parent.fps)


def _counted_at(params: GenerationParams, model: Model, parent: RenderPlan) -> GenerationParams:
    """Return params whose frames, if they are named, count at the parent's rate by default."""
    render = params.render
    if model.rule is not None or render.num_frames is None or render.fps is not None:
        return params
    return replace(params, render=replace(render, fps=parent.fps))


def _check_rate(params: GenerationParams, parent: RenderPlan) -> None:
    if params.render.fps not in (None, parent.fps):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"An extension has the frame rate of its video, {parent.fps}.",
            param="fps",
            hint="Leave 'fps' out.",
        )


def _check_same_rate(model: Model, plan: RenderPlan, parent: RenderPlan) -> None:
    if plan.fps != parent.fps:
        raise unsupported(
            f"{model.id} renders {plan.fps} frames per second, and the video has {parent.fps}.",
            "model",
            "Extend it with the model that rendered it.",
        )


def _size(params: GenerationParams, model: Model, parent: Job) -> str | None:
    """Return the parent's size if the model has it, else its first of that orientation, or None."""
    size = parent.plan.size
    fits = [one for one in model.sizes if params.hd in (None, one in model.hd_sizes)]
    alike = [one for one in fits if one.orientation is size.orientation]
    kept = size if size in fits else next(iter(alike), None)
    return str(kept) if kept else None


def _inherits_duration(params: GenerationParams, model: Model) -> bool:
    named = params.model is not None and model.constraints.seconds is not None
    return not params.has_duration and not named


def _seconds(model: Model, parent: Job) -> str | None:
    """Return the parent's length if the model offers it, else None: its frame count is kept.

    An extended video may have a length that no request can name.
    Raises :class:`HinodeError` when the parent is longer than the maximum of another model.
    """
    seconds = parent.plan.seconds
    if seconds in model.seconds:
        return str(seconds)
    longest = max(model.seconds)
    if model.id != parent.model and seconds > longest:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"The video lasts {seconds} seconds; the maximum of {model.id} is {longest}.",
            param="seconds",
            hint="Send 'seconds' that this model supports, or leave 'model' out.",
        )
    return None


def _extend(added: RenderPlan, parent: RenderPlan) -> RenderPlan:
    frames = parent.frames + added.frames
    if frames > MAX_EXTENDED_SECONDS * parent.fps:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The extended video would last {round(frames / parent.fps)} seconds; "
            f"the maximum is {MAX_EXTENDED_SECONDS}.",
            param="seconds",
            hint="Send fewer 'seconds'.",
        )
    if added.size != parent.size:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"An extension has the size of its video, {parent.size}.",
            param="size",
            hint="Leave 'size' out.",
        )
    return replace(added, frames=frames)


def derive_from_upload(
    model: Model, params: GenerationParams, action: JobAction, clip: ClipInfo
) -> DerivedRequest:
    """Resolve the params with the size and length of an uploaded clip as defaults.

    The model counts the frames of the clip and sets the price.
    The size is that of the clip if the model has it, else the model's first of the same
    orientation, else its nearest in aspect ratio. Raises :class:`HinodeError` for a value that the
    model does not support, and for a clip shorter or longer than it accepts.
    """
    frames = _clip_frames(clip, params.render.fps or model.fps)
    params = params.following(clip.width, clip.height)
    if not params.has_shape:
        params = replace(params, size=_clip_size(params, model, clip))
    resolved = resolve(model, params)
    if action is JobAction.EXTENSION:
        whole = _extend_clip(resolved.plan, frames)
        return DerivedRequest(ResolvedRequest(model, whole, resolved.price), (), frames)
    if params.has_duration or model.constraints.seconds:
        return DerivedRequest(resolved, (), 0)
    plan = replace(resolved.plan, frames=frames)
    _reject_too_long(model, plan)
    check_total_pixels(model, plan, params)
    return DerivedRequest(ResolvedRequest(model, plan, price(model, plan)), (), 0)


def cheapest(model: Model) -> DerivedRequest:
    """Return a request with the lowest price of a model, for a clip of unknown length."""
    resolved = resolve(model, GenerationParams())
    return DerivedRequest(replace(resolved, price=least_price(model)), (), 0)


def _clip_frames(clip: ClipInfo, fps: int) -> int:
    frames = round(clip.seconds * fps)
    if frames < fps:
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"The source video lasts {clip.seconds:.1f} seconds; the minimum is 1.",
            param="video",
            hint="Send a longer video.",
        )
    return frames


def _clip_size(params: GenerationParams, model: Model, clip: ClipInfo) -> str | None:
    own = Size(clip.width, clip.height)
    fits = [one for one in model.sizes if params.hd in (None, one in model.hd_sizes)]
    if own in fits:
        return str(own)

    def shape_distance(size: Size) -> tuple[bool, float]:
        alike = size.orientation is own.orientation
        ratio = (size.width * own.height) / (size.height * own.width)
        return (not alike, 0.0 if alike else abs(math.log(ratio)))

    return str(min(fits, key=shape_distance)) if fits else None


def _extend_clip(added: RenderPlan, kept: int) -> RenderPlan:
    frames = kept + added.frames
    if frames > MAX_EXTENDED_SECONDS * added.fps:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The extended video would last {round(frames / added.fps)} seconds; "
            f"the maximum is {MAX_EXTENDED_SECONDS}.",
            param="seconds",
            hint="Send fewer 'seconds', or cut the clip.",
        )
    return replace(added, frames=frames)


def _reject_too_long(model: Model, plan: RenderPlan) -> None:
    lengths = model.hd_seconds if plan.size in model.hd_sizes else model.seconds
    if plan.seconds > max(lengths):
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"The clip lasts {plan.seconds} seconds; the maximum of {model.id} in {plan.size} is "
            f"{max(lengths)}.",
            param="video",
            hint="Cut the clip, send fewer 'seconds', or use another model.",
        )
