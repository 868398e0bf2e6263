"""Resolve a model and generation parameters to an exact plan.

An unsupported value is rejected with the list of supported ones, never clamped, with two
exceptions: for a model with ``any_size`` a size only chooses the orientation, as clients of the
gateways expect; a model with a frame rule renders the nearest legal canvas and frame count, and the
plan reports them.
"""

from __future__ import annotations

import re
import secrets

from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.types import Model, Orientation, RenderPlan, Size
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.types import MediaKind

_SECONDS = re.compile(r"(\d{1,4})(?:\.0+)?s?")
_MAX_SEED = 2**32 - 1
_AUTO = "auto"
_HD_HINT = "'hd' needs a pro model: sora_video2-pro or sora-2-pro; in a name 'hd' implies 'pro'."


def plan_for(model: Model, params: GenerationParams) -> RenderPlan:
    """Return the plan. Raises :class:`HinodeError` for a value that the model does not support."""
    if not 1 <= params.outputs <= model.max_outputs:
        raise _unsupported(f"'n' is 1 to {model.max_outputs}, not {params.outputs}.", "n")
    if model.kind is MediaKind.IMAGE:
        _reject_video_params(model, params)
    seconds = _seconds(model, params)
    size = _size(model, params, _sizes(model, params, seconds), seconds)
    rule = model.rule
    canvas = size if rule is None else rule.canvas(size)
    return RenderPlan(
        width=canvas.width,
        height=canvas.height,
        fps=model.fps,
        frames=seconds * model.fps if rule is None else rule.frames(seconds),
        seed=_seed(params.seed),
        outputs=params.outputs,
        watermark=params.watermark,
    )


def _reject_video_params(model: Model, params: GenerationParams) -> None:
    given = {"seconds": params.seconds, "duration": params.duration, "hd": params.hd or None}
    for name, value in given.items():
        if value is not None:
            raise _unsupported(
                f"'{name}' is for videos, and {model.id} makes images.", name, "Leave it out."
            )


def _seconds(model: Model, params: GenerationParams) -> int:
    if not params.has_duration:
        return model.seconds[0]
    field, text = ("duration", params.duration) if params.duration else ("seconds", params.seconds)
    seconds = _parse_seconds(text)
    if params.seconds and params.duration and _parse_seconds(params.seconds) != seconds:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'seconds' ({params.seconds[:40]}) and 'duration' ({params.duration[:40]}) are "
            "two names of one parameter and must be equal.",
            param="duration",
            hint="Send one of them.",
        )
    if seconds not in model.seconds:
        raise _unsupported(
            _unsupported_length(model, field, str(text)), field, _supported_values(model.seconds)
        )
    return seconds


def _unsupported_length(model: Model, field: str, text: str) -> str:
    if model.constraints.seconds:
        said = model.constraints.seconds
        return f"The name '{model.id}' fixes {said} seconds, but '{field}' is '{text[:40]}'."
    rule = " in HD" if model.constraints.hd else ""
    return f"'{text[:40]}' is not a length of {model.id}{rule}."


def _sizes(model: Model, params: GenerationParams, seconds: int) -> tuple[Size, ...]:
    """Return the sizes that ``hd`` and the length allow, the default first."""
    hd = tuple(size for size in model.sizes if size in model.hd_sizes)
    plain = tuple(size for size in model.sizes if size not in model.hd_sizes)
    if params.hd is False and not plain:
        raise _unsupported(
            f"The name '{model.id}' fixes HD, but 'hd' is false.",
            "hd",
            "Leave 'hd' out, or use a name without it.",
        )
    if not params.hd:
        return plain if params.hd is False or seconds not in model.hd_seconds else model.sizes
    if not model.hd_sizes:
        raise _unsupported(f"{model.id} has no HD.", "hd", _HD_HINT)
    if seconds not in model.hd_seconds:
        longest = f"The maximum in HD is {max(model.hd_seconds)} seconds."
        raise _unsupported(f"A video of {seconds} seconds cannot be HD.", "hd", longest)
    return hd


def _size(model: Model, params: GenerationParams, offered: tuple[Size, ...], seconds: int) -> Size:
    text = params.size
    if text is None or (text == _AUTO and model.kind is MediaKind.IMAGE):
        return _default_size(model, params, offered)
    size = Size.parse(text)
    if size is None:
        any_size = f"Send WIDTHxHEIGHT in pixels, such as '{offered[0]}'."
        hint = any_size if model.any_size else _supported_values(offered)
        raise _unsupported(f"'{text[:40]}' is not a size of {model.id}.", "size", hint)
    if params.orientation not in (None, size.orientation):
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'size' is {size}, but the request asks for {params.orientation} as well.",
            param="size",
            hint="Send one of them.",
        )
    if size in offered:
        return size
    if not model.any_size:
        raise _unsupported(
            _unsupported_size(model, params, size, seconds), "size", _supported_values(offered)
        )
    return _size_for_orientation(model, size, offered)


def _default_size(model: Model, params: GenerationParams, offered: tuple[Size, ...]) -> Size:
    """Return the first of the offered sizes of the orientation that is asked for, or follows.

    An orientation in the model's name counts as asked for: it has reduced the offered sizes.
    """
    shape = params.orientation or params.image_orientation
    found = next((one for one in offered if one.orientation is shape), None)
    if found is None and params.orientation is not None:
        message = f"{model.id} has no {params.orientation} size."
        raise _unsupported(message, "orientation", _supported_values(offered))
    return found or offered[0]


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
    raise _unsupported(rule, "size", _supported_values(offered))


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


def _parse_seconds(text: str | None) -> int | None:
    match = _SECONDS.fullmatch(text.strip()) if text else None
    return int(match[1]) if match else None


def _supported_values(values: tuple[object, ...]) -> str:
    return f"Supported values are: {', '.join(repr(str(one)) for one in values)}."


def _unsupported(message: str, param: str, hint: str = "") -> HinodeError:
    return HinodeError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)
