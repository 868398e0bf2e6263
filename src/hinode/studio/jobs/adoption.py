"""Videos that start from a client's own clip: what they take over from it, and what that costs.

The clip has no model, so it is fitted to the one that is asked for: its frames are counted at
the model's rate, its length in whole seconds is the nearest one, and the size is the clip's own
where the model has it, else the model's first of the same orientation, else its nearest shape.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hinode.media.clips import ClipFacts
from hinode.media.kinds import JobAction, MediaKind
from hinode.studio.catalog.service import Catalog, Wish, price
from hinode.studio.catalog.types import Fitted, Model, RenderPlan, Size
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.descent import LONGEST_SECONDS, Descent


def adopt(catalog: Catalog, wish: Wish, action: JobAction, clip: ClipFacts) -> Descent:
    """Fit a wish to a clip. Raises :class:`StudioError` for what the model does not offer."""
    model = catalog.get(wish.model, MediaKind.VIDEO)
    frames = _frames(clip, model)
    fitted = catalog.fit(replace(wish, size=wish.size or _size(wish, model, clip)), MediaKind.VIDEO)
    if action is JobAction.EXTENSION:
        whole = _extended(fitted.plan, frames)
        return Descent(Fitted(model, whole, fitted.price), (), frames)
    if wish.has_length or model.words.seconds:
        return Descent(fitted, (), 0)
    plan = replace(fitted.plan, frames=frames)
    _refuse_too_long(model, plan)
    return Descent(Fitted(model, plan, price(model, plan)), (), 0)


def _frames(clip: ClipFacts, model: Model) -> int:
    frames = round(clip.seconds * model.fps)
    if frames < model.fps:
        raise StudioError(
            ErrorCode.INVALID_CLIP,
            f"A video to start from lasts a second or more, not {clip.seconds:.1f}.",
            param="video",
        )
    return frames


def _size(wish: Wish, model: Model, clip: ClipFacts) -> str | None:
    own = Size(clip.width, clip.height)
    fits = [one for one in model.sizes if wish.hd in (None, one in model.hd_sizes)]
    if own in fits:
        return str(own)

    def strangeness(size: Size) -> tuple[bool, float]:
        alike = size.orientation is own.orientation
        ratio = (size.width * own.height) / (size.height * own.width)
        return (not alike, 0.0 if alike else abs(math.log(ratio)))

    return str(min(fits, key=strangeness)) if fits else None


def _extended(added: RenderPlan, kept: int) -> RenderPlan:
    frames = kept + added.frames
    if frames > LONGEST_SECONDS * added.fps:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"The video would be {round(frames / added.fps)} seconds long; "
            f"the longest is {LONGEST_SECONDS}.",
            param="seconds",
        )
    return replace(added, frames=frames)


def _refuse_too_long(model: Model, plan: RenderPlan) -> None:
    lengths = model.hd_seconds if plan.size in model.hd_sizes else model.seconds
    if plan.seconds > max(lengths):
        raise StudioError(
            ErrorCode.INVALID_CLIP,
            f"The clip lasts {plan.seconds} seconds; {model.id} makes up to {max(lengths)} "
            f"in {plan.size}.",
            param="video",
            hint="Cut the clip, ask for shorter 'seconds', or name another model.",
        )
