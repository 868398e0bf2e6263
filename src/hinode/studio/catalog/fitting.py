"""From a model and a wish to an exact plan, or a refusal that says what would do.

Nothing is clamped silently: what is not offered is refused with the list of what is, except that
a model with ``any_size`` takes every size as the wish for a shape, as its callers expect; and a
model with a frame rule renders the nearest that is legal, which the plan reports.
"""

from __future__ import annotations

import re
import secrets

from hinode.media.kinds import MediaKind
from hinode.studio.catalog.types import Model, Orientation, RenderPlan, Size
from hinode.studio.catalog.wish import Wish
from hinode.studio.errors import ErrorCode, StudioError

_SIZE = re.compile(r"([1-9]\d{0,4})[xX×]([1-9]\d{0,4})")
_SECONDS = re.compile(r"(\d{1,4})(?:\.0+)?s?")
_MAX_SEED = 2**32 - 1
_AUTO = "auto"
_HD_HINT = "'hd' needs a pro model: sora_video2-pro or sora-2-pro; in a name 'hd' implies 'pro'."


def plan_for(model: Model, wish: Wish) -> RenderPlan:
    """Fit a wish to a model. Raises :class:`StudioError` for what it does not offer."""
    if not 1 <= wish.outputs <= model.max_outputs:
        raise _refused(f"'n' is 1 to {model.max_outputs}, not {wish.outputs}.", "n")
    if model.kind is MediaKind.IMAGE:
        _refuse_video_wishes(model, wish)
    seconds = _seconds(model, wish)
    size = _size(model, wish, _sizes(model, wish, seconds), seconds)
    rule = model.rule
    canvas = size if rule is None else rule.canvas(size)
    return RenderPlan(
        width=canvas.width,
        height=canvas.height,
        fps=model.fps,
        frames=seconds * model.fps if rule is None else rule.frames(seconds),
        seed=_seed(wish.seed),
        outputs=wish.outputs,
        watermark=wish.watermark,
    )


def _refuse_video_wishes(model: Model, wish: Wish) -> None:
    given = {"seconds": wish.seconds, "duration": wish.duration, "hd": wish.hd or None}
    for name, value in given.items():
        if value is not None:
            raise _refused(f"'{name}' is for videos; {model.id} makes pictures.", name)


def _seconds(model: Model, wish: Wish) -> int:
    if not wish.has_length:
        return model.seconds[0]
    field, text = ("duration", wish.duration) if wish.duration else ("seconds", wish.seconds)
    seconds = _read_seconds(text)
    if wish.seconds and wish.duration and _read_seconds(wish.seconds) != seconds:
        raise StudioError(
            ErrorCode.INVALID_VALUE,
            f"'seconds' ({wish.seconds[:40]}) and 'duration' ({wish.duration[:40]}) are the same "
            "wish and contradict each other.",
            param="duration",
            hint="Send one of them.",
        )
    if seconds not in model.seconds:
        raise _refused(_wrong_length(model, field, str(text)), field, _choice(model.seconds))
    return seconds


def _wrong_length(model: Model, field: str, text: str) -> str:
    if model.words.seconds:
        said = model.words.seconds
        return f"The name '{model.id}' says {said} seconds, but '{field}' says '{text[:40]}'."
    rule = " in HD" if model.words.hd else ""
    return f"'{text[:40]}' is not a length of {model.id}{rule}."


def _sizes(model: Model, wish: Wish, seconds: int) -> tuple[Size, ...]:
    """Return the sizes that ``hd`` and the length leave, the default first."""
    hd = tuple(size for size in model.sizes if size in model.hd_sizes)
    plain = tuple(size for size in model.sizes if size not in model.hd_sizes)
    if wish.hd is False and not plain:
        raise _refused(f"The name '{model.id}' says HD, but 'hd' is false.", "hd")
    if not wish.hd:
        return plain if wish.hd is False or seconds not in model.hd_seconds else model.sizes
    if not model.hd_sizes:
        raise _refused(f"{model.id} has no HD.", "hd", _HD_HINT)
    if seconds not in model.hd_seconds:
        longest = f"HD videos last at most {max(model.hd_seconds)} seconds."
        raise _refused(f"A video of {seconds} seconds cannot be HD.", "hd", longest)
    return hd


def _size(model: Model, wish: Wish, offered: tuple[Size, ...], seconds: int) -> Size:
    text = wish.size
    if text is None or (text == _AUTO and model.kind is MediaKind.IMAGE):
        return offered[0]
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        any_size = f"Any WIDTHxHEIGHT will do, such as '{offered[0]}'."
        hint = any_size if model.any_size else _choice(offered)
        raise _refused(f"'{text[:40]}' is not a size of {model.id}.", "size", hint)
    size = Size(int(match[1]), int(match[2]))
    if size in offered:
        return size
    if not model.any_size:
        raise _refused(_wrong_size(model, wish, size, seconds), "size", _choice(offered))
    return _of_shape(model, size, offered)


def _wrong_size(model: Model, wish: Wish, size: Size, seconds: int) -> str:
    rule = ""
    if size in model.hd_sizes:
        rule = " when 'hd' is false" if wish.hd is False else f" at {seconds} seconds"
    elif size in model.sizes:
        rule = " when 'hd' is true"
    return f"'{size}' is not a size of {model.id}{rule}."


def _of_shape(model: Model, size: Size, offered: tuple[Size, ...]) -> Size:
    """Return the first offered size of the same shape."""
    shape = size.orientation
    found = next((one for one in offered if one.orientation is shape), None)
    if found is not None:
        return found
    if shape is Orientation.SQUARE and model.kind is MediaKind.VIDEO:
        # A square asks for neither portrait nor landscape, so the model's own choice holds.
        return offered[0]
    if model.words.orientation:
        said = model.words.orientation
        rule = f"The name '{model.id}' says {said}, but the size '{size}' is {shape}."
    else:
        rule = f"{model.id} has no {shape} size, so not '{size}'."
    raise _refused(rule, "size", _choice(offered))


def _seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(_MAX_SEED + 1)
    if not 0 <= seed <= _MAX_SEED:
        raise StudioError(
            ErrorCode.INVALID_VALUE, f"'seed' is 0 to {_MAX_SEED}, not {seed}.", param="seed"
        )
    return seed


def _read_seconds(text: str | None) -> int | None:
    match = _SECONDS.fullmatch(text.strip()) if text else None
    return int(match[1]) if match else None


def _choice(values: tuple[object, ...]) -> str:
    return f"Supported values are: {', '.join(repr(str(one)) for one in values)}."


def _refused(message: str, param: str, hint: str = "") -> StudioError:
    return StudioError(ErrorCode.UNSUPPORTED_VALUE, message, param=param, hint=hint)
