"""Resolve a model and generation parameters to an exact plan.

An unsupported value is rejected with the list of supported ones, never clamped, with two
exceptions: for a model with ``any_size`` a size only chooses the orientation, as clients of the
gateways expect; a model with a frame rule renders the nearest legal canvas and frame count, and the
plan reports them.
"""

from __future__ import annotations

import secrets

from hinode.core.catalog.length import Length, length_of
from hinode.core.catalog.params import GenerationParams, same_resolution
from hinode.core.catalog.rejections import supported_values, unsupported
from hinode.core.catalog.types import Model, RenderPlan
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Orientation, Size
from hinode.media.types import MediaKind

_MAX_SEED = 2**32 - 1
_AUTO = "auto"
_HD_HINT = "'hd' needs a pro model: sora_video2-pro or sora-2-pro; in a name 'hd' implies 'pro'."


def plan_for(model: Model, params: GenerationParams) -> RenderPlan:
    """Return the plan. Raises :class:`HinodeError` for a value that the model does not support."""
    if not 1 <= params.outputs <= model.max_outputs:
        raise unsupported(f"'n' is 1 to {model.max_outputs}, not {params.outputs}.", "n")
    if model.kind is MediaKind.IMAGE:
        _reject_video_params(model, params)
    length = length_of(model, params)
    size = _size(model, params, _sizes(model, params, length), length)
    canvas = size if model.rule is None else model.rule.canvas(size)
    plan = RenderPlan(
        width=canvas.width,
        height=canvas.height,
        fps=length.fps,
        frames=length.frames,
        seed=_seed(params.seed),
        outputs=params.outputs,
        watermark=params.watermark or model.watermark,
    )
    check_total_pixels(model, plan, params)
    return plan


def check_total_pixels(model: Model, plan: RenderPlan, params: GenerationParams) -> None:
    """Raise :class:`HinodeError` when one output has more pixels in all than the model renders."""
    if plan.size.area * plan.frames <= model.total_pixels:
        return
    most = model.total_pixels // plan.size.area
    raise unsupported(
        f"{plan.frames} frames of {plan.size} are more than {model.id} renders.",
        "fps" if params.render.num_frames is None else "num_frames",
        f"In this size the maximum is {most} frames.",
    )


def _reject_video_params(model: Model, params: GenerationParams) -> None:
    given = {
        "seconds": params.seconds,
        "duration": params.duration,
        "hd": params.hd or None,
        "num_frames": params.render.num_frames,
        "fps": params.render.fps,
    }
    for name, value in given.items():
        if value is not None:
            raise unsupported(
                f"'{name}' is for videos, and {model.id} makes images.", name, "Leave it out."
            )


def _sizes(model: Model, params: GenerationParams, length: Length) -> tuple[Size, ...]:
    """Return the sizes that ``hd`` and the length allow, the default first."""
    hd = tuple(size for size in model.sizes if size in model.hd_sizes)
    plain = tuple(size for size in model.sizes if size not in model.hd_sizes)
    if params.hd is False and not plain:
        raise unsupported(
            f"The name '{model.id}' fixes HD, but 'hd' is false.",
            "hd",
            "Leave 'hd' out, or use a name without it.",
        )
    if not params.hd:
        return plain if params.hd is False or not length.within(model.hd_seconds) else model.sizes
    if not model.hd_sizes:
        raise unsupported(f"{model.id} has no HD.", "hd", _HD_HINT)
    if not length.within(model.hd_seconds):
        longest = f"The maximum in HD is {max(model.hd_seconds)} seconds."
        raise unsupported(f"A video of {length.seconds} seconds cannot be HD.", "hd", longest)
    return hd


def _size(
    model: Model, params: GenerationParams, offered: tuple[Size, ...], length: Length
) -> Size:
    text = params.size
    if text is None or (text == _AUTO and model.kind is MediaKind.IMAGE):
        return _default_size(model, params, offered)
    size = Size.parse(text)
    if size is None:
        any_size = f"Send WIDTHxHEIGHT in pixels, such as '{offered[0]}'."
        hint = any_size if model.any_size else supported_values(offered)
        raise unsupported(f"'{text[:40]}' is not a size of {model.id}.", "size", hint)
    if size in offered:
        return size
    if not model.any_size:
        raise unsupported(
            _unsupported_size(model, params, size, length.seconds),
            "size",
            supported_values(offered),
        )
    return _size_for_orientation(model, size, offered)


def _default_size(model: Model, params: GenerationParams, offered: tuple[Size, ...]) -> Size:
    """Return the first of the offered sizes of the orientation that is asked for, or follows.

    An orientation in the model's name counts as asked for: it has reduced the offered sizes.
    """
    shape = params.orientation or params.image_orientation
    fitting = _in_resolution(model, params, offered)
    found = next((one for one in fitting if one.orientation is shape), None)
    if found is None and params.orientation is not None:
        message = f"{model.id} has no {params.orientation} size."
        raise unsupported(message, "orientation", supported_values(fitting))
    return found or fitting[0]


def _in_resolution(
    model: Model, params: GenerationParams, offered: tuple[Size, ...]
) -> tuple[Size, ...]:
    """Return the offered sizes nearest to the resolution that is asked for, all without one."""
    wanted = params.resolution
    if wanted is None:
        return offered
    side = min((one.short_side for one in offered), key=lambda one: abs(one - wanted))
    if not same_resolution(side, wanted) and not model.any_size:
        lines = tuple(dict.fromkeys(f"{one.short_side}p" for one in offered))
        message = f"'{wanted}p' is not a resolution of {model.id} here."
        raise unsupported(message, "resolution", supported_values(lines))
    return tuple(one for one in offered if one.short_side == side)


def _unsupported_size(model: Model, params: GenerationParams, size: Size, seconds: int) -> str:
    rule = ""
    if size in model.hd_sizes:
        rule = " when 'hd' is false" if params.hd is False else f" at {seconds} seconds"
    elif size in model.sizes:
        rule = " when 'hd' is true"
    return f"'{size}' is not a size of {model.id}{rule}."


def _size_for_orientation(model: Model, size: Size, offered: tuple[Size, ...]) -> Size:
    """Return the first of the offered sizes with the orientation of ``size``."""
    shape = size.orientation
    found = next((one for one in offered if one.orientation is shape), None)
    if found is not None:
        return found
    if shape is Orientation.SQUARE and model.kind is MediaKind.VIDEO:
        # A square is neither portrait nor landscape, so the default of the model applies.
        return offered[0]
    if model.constraints.orientation:
        said = model.constraints.orientation
        rule = f"The name '{model.id}' fixes {said}, but the size '{size}' is {shape}."
    else:
        rule = f"The size '{size}' is {shape}, and {model.id} has no {shape} size."
    raise unsupported(rule, "size", supported_values(offered))


def _seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(_MAX_SEED + 1)
    if not 0 <= seed <= _MAX_SEED:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'seed' is 0 to {_MAX_SEED}, not {seed}.",
            param="seed",
            hint="Leave it out for a random one.",
        )
    return seed
