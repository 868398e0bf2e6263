"""Plans and prices of videos that start from a job's video or from an uploaded clip."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hinode.core.catalog.service import Catalog, GenerationParams, price
from hinode.core.catalog.types import Model, RenderPlan, ResolvedRequest, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.types import Job
from hinode.media.clip_check import ClipInfo
from hinode.media.types import JobAction, MediaKind

MAX_EXTENDED_SECONDS = 120
"""Longest video that extensions may add up to, as OpenAI's guide says."""


@dataclass(frozen=True, slots=True)
class DerivedRequest:
    """A resolved request, the prompts before its own, and the frames that it keeps."""

    resolved: ResolvedRequest
    prompt_history: tuple[str, ...]
    kept_frames: int


def derive_from_job(
    catalog: Catalog, params: GenerationParams, action: JobAction, parent: Job
) -> DerivedRequest:
    """Resolve the params against a parent, whose model, size, length and seed are the defaults.

    Words in the name of another model count as params. Raises :class:`HinodeError` for what the
    model does not offer, or an extension too long.
    """
    model = catalog.get(params.model or parent.model, parent.kind)
    seed = parent.plan.seed if params.seed is None else params.seed
    inherits_duration = action is not JobAction.EXTENSION and _inherits_duration(params, model)
    requested = replace(
        params, model=model.id, seed=seed, size=params.size or _size(params, model, parent)
    )
    if inherits_duration:
        requested = replace(requested, seconds=_seconds(model, parent))
    resolved = catalog.resolve(requested, parent.kind)
    plan = _with_frame_rate(resolved.plan, model, parent.plan)
    prompt_history = (*parent.options.prompt_history, parent.prompt)
    if action is JobAction.EXTENSION:
        if params.size is None:
            # What was rendered may have a size that nobody can ask for.
            plan = replace(plan, width=parent.plan.width, height=parent.plan.height)
        whole = _extend(plan, parent.plan)
        return DerivedRequest(
            ResolvedRequest(model, whole, resolved.price), prompt_history, parent.plan.frames
        )
    if inherits_duration and plan.fps == parent.plan.fps:
        plan = replace(plan, frames=parent.plan.frames)
    return DerivedRequest(ResolvedRequest(model, plan, price(model, plan)), prompt_history, 0)


def _with_frame_rate(plan: RenderPlan, model: Model, parent: RenderPlan) -> RenderPlan:
    """Keep the parent's rate, unless the model has one of its own and no other."""
    if model.rule is not None:
        return plan
    return replace(plan, fps=parent.fps, frames=plan.seconds * parent.fps)


def _size(params: GenerationParams, model: Model, parent: Job) -> str | None:
    """Keep the parent's size where the model has it, else its orientation."""
    size = parent.plan.size
    fits = [one for one in model.sizes if params.hd in (None, one in model.hd_sizes)]
    alike = [one for one in fits if one.orientation is size.orientation]
    kept = size if size in fits else next(iter(alike), None)
    return str(kept) if kept else None


def _inherits_duration(params: GenerationParams, model: Model) -> bool:
    named = params.model is not None and model.constraints.seconds is not None
    return not params.has_duration and not named


def _seconds(model: Model, parent: Job) -> str | None:
    """Return the parent's length where requests may ask for it; an extended one is kept as it is.

    Raises :class:`HinodeError` when another model cannot make a video as long as the parent.
    """
    seconds = parent.plan.seconds
    if seconds in model.seconds:
        return str(seconds)
    longest = max(model.seconds)
    if model.id != parent.model and seconds > longest:
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"The video lasts {seconds} seconds; {model.id} makes up to {longest}.",
            param="seconds",
            hint="Ask for a length that it offers, or keep the model.",
        )
    return None


def _extend(added: RenderPlan, parent: RenderPlan) -> RenderPlan:
    frames = parent.frames + added.frames
    if frames > MAX_EXTENDED_SECONDS * parent.fps:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The video would be {round(frames / parent.fps)} seconds long; "
            f"the longest is {MAX_EXTENDED_SECONDS}.",
            param="seconds",
        )
    if added.size != parent.size:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"An extension has its parent's size, {parent.size}.",
            param="size",
        )
    return replace(added, frames=frames)


def derive_from_upload(
    catalog: Catalog, params: GenerationParams, action: JobAction, clip: ClipInfo
) -> DerivedRequest:
    """Resolve the params against an uploaded clip, which has no model, size or price of its own.

    Frames are counted at the rate of the model that is asked for. The length is the nearest whole
    second. The size is the clip's own where the model has it, else the model's first of the same
    orientation, else its nearest shape. Raises :class:`HinodeError` for what the model does not
    offer.
    """
    model = catalog.get(params.model, MediaKind.VIDEO)
    frames = _clip_frames(clip, model)
    resolved = catalog.resolve(
        replace(params, size=params.size or _clip_size(params, model, clip)), MediaKind.VIDEO
    )
    if action is JobAction.EXTENSION:
        whole = _extend_clip(resolved.plan, frames)
        return DerivedRequest(ResolvedRequest(model, whole, resolved.price), (), frames)
    if params.has_duration or model.constraints.seconds:
        return DerivedRequest(resolved, (), 0)
    plan = replace(resolved.plan, frames=frames)
    _reject_too_long(model, plan)
    return DerivedRequest(ResolvedRequest(model, plan, price(model, plan)), (), 0)


def _clip_frames(clip: ClipInfo, model: Model) -> int:
    frames = round(clip.seconds * model.fps)
    if frames < model.fps:
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"A video to start from lasts a second or more, not {clip.seconds:.1f}.",
            param="video",
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
            f"The video would be {round(frames / added.fps)} seconds long; "
            f"the longest is {MAX_EXTENDED_SECONDS}.",
            param="seconds",
        )
    return replace(added, frames=frames)


def _reject_too_long(model: Model, plan: RenderPlan) -> None:
    lengths = model.hd_seconds if plan.size in model.hd_sizes else model.seconds
    if plan.seconds > max(lengths):
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"The clip lasts {plan.seconds} seconds; {model.id} makes up to {max(lengths)} "
            f"in {plan.size}.",
            param="video",
            hint="Cut the clip, ask for shorter 'seconds', or name another model.",
        )
