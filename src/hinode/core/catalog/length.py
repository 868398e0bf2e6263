"""Resolve the length of a video: frames and their rate, from seconds or from frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.rejections import supported_values, unsupported
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError

_SECONDS = re.compile(r"(\d{1,4})(?:\.0+)?s?")


@dataclass(frozen=True, slots=True)
class Length:
    """The frames of a video and their rate; ``exact``: the request named their number."""

    frames: int
    fps: int
    seconds: int
    exact: bool = False

    def within(self, lengths: Sequence[int]) -> bool:
        """Return whether the length is one of these in seconds; an exact one: not above them."""
        if not self.exact:
            return self.seconds in lengths
        return bool(lengths) and self.frames <= max(lengths) * self.fps


def length_of(model: Model, params: GenerationParams) -> Length:
    """Return the length. Raises :class:`HinodeError` for one that the model does not support."""
    fps = _rate(model, params)
    if params.render.num_frames is None:
        seconds = _named_seconds(params)
        if seconds is None:
            seconds = model.seconds[0]
        elif seconds not in model.seconds:
            raise _unsupported_seconds(model, params)
        return Length(_frames(model, seconds, fps), fps, seconds)
    return _exact_length(model, params, params.render.num_frames, fps)


def _rate(model: Model, params: GenerationParams) -> int:
    fps = params.render.fps
    if fps is None:
        return model.fps
    if not 1 <= fps <= model.max_fps:
        raise unsupported(f"'fps' is 1 to {model.max_fps} for {model.id}, not {fps}.", "fps")
    return fps


def _frames(model: Model, seconds: int, fps: int) -> int:
    if model.rule is None:
        return seconds * fps
    return replace(model.rule, fps=fps).frames(seconds)


def _exact_length(model: Model, params: GenerationParams, frames: int, fps: int) -> Length:
    _check_rule(model, frames)
    length = Length(frames, fps, max(1, round(frames / fps)), exact=True)
    fixed = model.constraints.seconds
    for name, seconds in (*_named(params), (f"model '{model.id}'", fixed)):
        if seconds is not None and not _agree(model, length, seconds):
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"'num_frames' ({frames} at {fps} fps) and {name} ({seconds} s) ask for different "
                "lengths.",
                param="num_frames",
                hint="Send one of them.",
            )
    most = _frames(model, max(model.seconds), fps)
    if frames > most:
        hint = f"The maximum at {fps} fps is {most}."
        raise unsupported(f"{model.id} does not make {frames} frames.", "num_frames", hint)
    return length


def _check_rule(model: Model, frames: int) -> None:
    rule = model.rule
    if rule is None or rule.frames(frames / rule.fps) == frames:
        return
    nearest = rule.frames(frames / rule.fps)
    raise unsupported(
        f"{model.id} makes {rule}, not {frames} frames.", "num_frames", f"The nearest is {nearest}."
    )


def _agree(model: Model, length: Length, seconds: int) -> bool:
    return seconds == length.seconds or length.frames == _frames(model, seconds, length.fps)


def _named_seconds(params: GenerationParams) -> int | None:
    """Return the seconds of the request, None without; -1 for text that is no length."""
    named = dict(_named(params))
    if len(set(named.values())) > 1:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'seconds' ({(params.seconds or '')[:40]}) and 'duration' "
            f"({(params.duration or '')[:40]}) are two names of one parameter and must be equal.",
            param="duration",
            hint="Send one of them.",
        )
    return next(iter(named.values()), None)


def _named(params: GenerationParams) -> list[tuple[str, int]]:
    given = (("'duration'", params.duration), ("'seconds'", params.seconds))
    return [(name, _parse_seconds(text)) for name, text in given if text is not None]


def _parse_seconds(text: str) -> int:
    match = _SECONDS.fullmatch(text.strip())
    return int(match[1]) if match else -1


def _unsupported_seconds(model: Model, params: GenerationParams) -> HinodeError:
    field, text = ("duration", params.duration) if params.duration else ("seconds", params.seconds)
    shown = (text or "")[:40]
    if model.constraints.seconds:
        message = (
            f"The name '{model.id}' fixes {model.constraints.seconds} seconds, but '{field}' is "
            f"'{shown}'."
        )
    else:
        rule = " in HD" if model.constraints.hd else ""
        message = f"'{shown}' is not a length of {model.id}{rule}."
    return unsupported(message, field, supported_values(model.seconds))
