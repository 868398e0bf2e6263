"""Videos that start from a client's own clip: what they take over from it, and what that costs.

The clip has no model, so it is fitted to the one that is asked for: its frames are counted at
the model's rate, its length in whole seconds is the nearest one, and the size is the clip's own
where the model has it, else the model's first of the same orientation, else its nearest shape.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hinode.core.catalog.service import Catalog, GenerationParams, price
from hinode.core.catalog.types import Model, RenderPlan, ResolvedRequest, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.job_derivation import MAX_EXTENDED_SECONDS, DerivedRequest
from hinode.media.clip_check import ClipInfo
from hinode.media.types import JobAction, MediaKind


def derive_from_upload(
    catalog: Catalog, params: GenerationParams, action: JobAction, clip: ClipInfo
) -> DerivedRequest:
    """Fit the params to a clip. Raises :class:`HinodeError` for what the model does not offer."""
    model = catalog.get(params.model, MediaKind.VIDEO)
    frames = _frames(clip, model)
    resolved = catalog.resolve(
        replace(params, size=params.size or _size(params, model, clip)), MediaKind.VIDEO
    )
    if action is JobAction.EXTENSION:
        whole = _extend(resolved.plan, frames)
        return DerivedRequest(ResolvedRequest(model, whole, resolved.price), (), frames)
    if params.has_duration or model.constraints.seconds:
        return DerivedRequest(resolved, (), 0)
    plan = replace(resolved.plan, frames=frames)
    _reject_too_long(model, plan)
    return DerivedRequest(ResolvedRequest(model, plan, price(model, plan)), (), 0)


def _frames(clip: ClipInfo, model: Model) -> int:
    frames = round(clip.seconds * model.fps)
    if frames < model.fps:
        raise HinodeError(
            ErrorCode.INVALID_CLIP,
            f"A video to start from lasts a second or more, not {clip.seconds:.1f}.",
            param="video",
        )
    return frames


def _size(params: GenerationParams, model: Model, clip: ClipInfo) -> str | None:
    own = Size(clip.width, clip.height)
    fits = [one for one in model.sizes if params.hd in (None, one in model.hd_sizes)]
    if own in fits:
        return str(own)

    def shape_distance(size: Size) -> tuple[bool, float]:
        alike = size.orientation is own.orientation
        ratio = (size.width * own.height) / (size.height * own.width)
        return (not alike, 0.0 if alike else abs(math.log(ratio)))

    return str(min(fits, key=shape_distance)) if fits else None


def _extend(added: RenderPlan, kept: int) -> RenderPlan:
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
