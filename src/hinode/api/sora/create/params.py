"""Converts requests for videos to generation parameters, and checks what a plan includes."""

from __future__ import annotations

from hinode.api.shape import disagreement
from hinode.api.sora.create.schemas import SoraCreateVideo
from hinode.core.accounts.types import Plan
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Orientation, Size

PRO_PLANS = (Plan.PRO, Plan.TEAM)
PRO_MODELS = frozenset({"sy_ore", "sora-2-pro", "sora_video2-pro"})
PRO_SECONDS = 25

_FRAMES_PER_SECOND = 30
"""The rate that `n_frames` counts in; a model may render at another."""


def generation_params(
    body: SoraCreateVideo, model: Model, image_orientation: Orientation | None
) -> GenerationParams:
    """Return the generation parameters of a request.

    ``image_orientation`` is that of the first frame, the default. Raises :class:`HinodeError` that
    names the field whose value the model does not offer.
    """
    size, hd = _shape(body, model, image_orientation)
    return GenerationParams(
        model=body.model,
        size=None if size is None else str(size),
        duration=_duration(body, model),
        outputs=body.nsamples,
        hd=hd,
        seed=body.seed,
        render=body.render_parameters(),
    )


def check_plan(plan: Plan, model: Model, *, large: bool, seconds: int) -> None:
    """Refuse what a plan does not include. Raises :class:`HinodeError`."""
    if plan in PRO_PLANS:
        return
    if PRO_MODELS & {model.id, model.alias_of}:
        raise _needs_pro(plan, f"The model '{model.id}'", "model")
    if large:
        raise _needs_pro(plan, "The size 'large'", "size")
    if seconds >= PRO_SECONDS:
        raise _needs_pro(plan, f"A video of {seconds} seconds", "n_frames")


def is_large(model: Model, size: Size) -> bool:
    """Return whether a size is `large` in this dialect."""
    return size in model.hd_sizes


def _shape(
    body: SoraCreateVideo, model: Model, image_orientation: Orientation | None
) -> tuple[Size | None, bool | None]:
    """Return the size, None for the default, and whether it is HD, None if the model has none."""
    if body.pixels is not None:
        return _exact(body, body.pixels, model)
    orientation = Orientation(body.orientation) if body.orientation else None
    if orientation is None and image_orientation in {size.orientation for size in model.sizes}:
        orientation = image_orientation
    offered = _offered_sizes(body, model)
    size = None if orientation is None else _size_for(offered, orientation, model)
    return size, offered[0] in model.hd_sizes if model.hd_sizes else None


def _exact(body: SoraCreateVideo, pixels: Size, model: Model) -> tuple[Size, bool | None]:
    large = pixels in model.hd_sizes
    if body.size is not None and large is not (body.size == "large") and pixels in model.sizes:
        raise disagreement("width", "size")
    if pixels not in model.sizes and not model.any_size:
        hint = f"Supported values are: {', '.join(map(str, model.sizes))}."
        raise _unsupported(f"'{pixels}' is not a size of {model.id}.", "width", hint)
    return pixels, (large or body.size == "large") if model.hd_sizes else None


def _offered_sizes(body: SoraCreateVideo, model: Model) -> tuple[Size, ...]:
    """Return the model's large or other sizes, as requested; a model may have one kind only."""
    if body.size != "large":
        plain = tuple(size for size in model.sizes if size not in model.hd_sizes)
        return plain or model.sizes
    large = tuple(size for size in model.sizes if size in model.hd_sizes)
    if not large:
        raise _unsupported(f"{model.id} has no large size.", "size")
    return large


def _size_for(offered: tuple[Size, ...], orientation: Orientation, model: Model) -> Size:
    found = next((size for size in offered if size.orientation is orientation), None)
    if found is None:
        shapes = dict.fromkeys(size.orientation.value for size in offered)
        hint = f"Supported values are: {', '.join(shapes)}."
        raise _unsupported(f"{model.id} has no {orientation} size.", "orientation", hint)
    return found


def _duration(body: SoraCreateVideo, model: Model) -> str | None:
    """Return the seconds of `n_frames`; None where the exact frames say more."""
    if body.n_frames is None:
        return None
    frames, rate = body.num_frames, body.fps or model.fps
    if frames is None:
        return str(_seconds(body.n_frames, model))
    if round(frames / rate) != round(body.n_frames / _FRAMES_PER_SECOND):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'num_frames' ({frames} at {rate} fps) and 'n_frames' ({body.n_frames} at "
            f"{_FRAMES_PER_SECOND}) ask for different lengths.",
            param="num_frames",
            hint="Send one of them.",
        )
    return None


def _seconds(n_frames: int, model: Model) -> int:
    seconds, rest = divmod(n_frames, _FRAMES_PER_SECOND)
    if rest or seconds not in model.seconds:
        frames = sorted(one * _FRAMES_PER_SECOND for one in model.seconds)
        hint = f"Supported values are: {', '.join(map(str, frames))}."
        raise _unsupported(f"{n_frames} is no 'n_frames' of {model.id}.", "n_frames", hint)
    return seconds


def _needs_pro(plan: Plan, subject: str, param: str) -> HinodeError:
    return HinodeError(
        ErrorCode.PLAN_REQUIRED,
        f"{subject} needs the plan pro or team; this account's is {plan}.",
        param=param,
        hint="Ask for the usual one, or ask the operator for another plan.",
    )


def _unsupported(message: str, param: str, hint: str = "") -> HinodeError:
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)
