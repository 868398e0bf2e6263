"""Videos that start from another one: what they take over from it, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hinode.media.kinds import JobAction
from hinode.studio.catalog.service import Catalog, Wish, price
from hinode.studio.catalog.types import Fitted, Model, RenderPlan
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.jobs.types import Job

LONGEST_SECONDS = 120
"""Longest video that extensions may add up to, as OpenAI's guide says."""


@dataclass(frozen=True, slots=True)
class Descent:
    """A fitted request with a parent: the prompts before it and the frames it keeps."""

    fitted: Fitted
    lineage: tuple[str, ...]
    kept_frames: int


def descend(catalog: Catalog, wish: Wish, action: JobAction, parent: Job) -> Descent:
    """Fit a wish to its parent: its model, size, length and seed hold unless others are asked for.

    Words in the name of another model ask too. Raises :class:`StudioError` for what the model does
    not offer, or an extension too long.
    """
    model = catalog.get(wish.model or parent.model, parent.kind)
    seed = parent.plan.seed if wish.seed is None else wish.seed
    keeps_length = action is not JobAction.EXTENSION and _keeps_length(wish, model)
    asked = replace(wish, model=model.id, seed=seed, size=wish.size or _size(wish, model, parent))
    if keeps_length:
        asked = replace(asked, seconds=_seconds(model, parent))
    fitted = catalog.fit(asked, parent.kind)
    plan = _paced(fitted.plan, model, parent.plan)
    lineage = (*parent.options.lineage, parent.prompt)
    if action is JobAction.EXTENSION:
        if wish.size is None:
            # What was rendered may have a size that nobody can ask for.
            plan = replace(plan, width=parent.plan.width, height=parent.plan.height)
        whole = _extended(plan, parent.plan)
        return Descent(Fitted(model, whole, fitted.price), lineage, parent.plan.frames)
    if keeps_length and plan.fps == parent.plan.fps:
        plan = replace(plan, frames=parent.plan.frames)
    return Descent(Fitted(model, plan, price(model, plan)), lineage, 0)


def _paced(plan: RenderPlan, model: Model, parent: RenderPlan) -> RenderPlan:
    """Keep the parent's rate, unless the model has one of its own and no other."""
    if model.rule is not None:
        return plan
    return replace(plan, fps=parent.fps, frames=plan.seconds * parent.fps)


def _size(wish: Wish, model: Model, parent: Job) -> str | None:
    """Keep the parent's size where the model has it, else its orientation."""
    size = parent.plan.size
    fits = [one for one in model.sizes if wish.hd in (None, one in model.hd_sizes)]
    alike = [one for one in fits if one.orientation is size.orientation]
    kept = size if size in fits else next(iter(alike), None)
    return str(kept) if kept else None


def _keeps_length(wish: Wish, model: Model) -> bool:
    named = wish.model is not None and model.words.seconds is not None
    return not wish.has_length and not named


def _seconds(model: Model, parent: Job) -> str | None:
    """Return the parent's length where requests may ask for it; an extended one is kept as it is.

    Raises :class:`StudioError` when another model cannot make a video as long as the parent.
    """
    seconds = parent.plan.seconds
    if seconds in model.seconds:
        return str(seconds)
    longest = max(model.seconds)
    if model.id != parent.model and seconds > longest:
        raise StudioError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"The video lasts {seconds} seconds; {model.id} makes up to {longest}.",
            param="seconds",
            hint="Ask for a length that it offers, or keep the model.",
        )
    return None


def _extended(added: RenderPlan, parent: RenderPlan) -> RenderPlan:
    frames = parent.frames + added.frames
    if frames > LONGEST_SECONDS * parent.fps:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"The video would be {round(frames / parent.fps)} seconds long; "
            f"the longest is {LONGEST_SECONDS}.",
            param="seconds",
        )
    if added.size != parent.size:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"An extension has its parent's size, {parent.size}.",
            param="size",
        )
    return replace(added, frames=frames)
