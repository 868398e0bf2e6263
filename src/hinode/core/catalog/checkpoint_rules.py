"""Apply the published rules of an open-weight checkpoint to the model that it renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hinode.config.models import ModelSettings
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.size import Size
from hinode.open_models.checkpoints import Checkpoint
from hinode.open_models.frames import FrameRule


def with_checkpoint_rules(model: Model, given: ModelSettings, known: Checkpoint | None) -> Model:
    """Return the model restricted to what its checkpoint can render; unchanged without one.

    ``known`` is the checkpoint, None for one that is not listed. The model keeps its sizes in
    orientations that the checkpoint has, as requests for that orientation, and gets the canvases of
    the checkpoint; its default size has about as many pixels as before. Lengths are the native ones
    of the checkpoint, unless the operator lists others. HD is dropped: every output has a canvas of
    the checkpoint.
    Raises :class:`HinodeError` for a configured length that breaks the frame rule.
    """
    if known is None:
        return model
    rule = known.rule
    seconds = _lengths(model, given, known)
    return replace(
        model,
        sizes=_shapes(model, rule),
        hd_sizes=(),
        hd_seconds=(),
        seconds=seconds,
        fps=rule.fps,
        rule=rule,
        licence=known.licence,
    )


def _lengths(model: Model, given: ModelSettings, known: Checkpoint) -> tuple[int, ...]:
    rule = known.rule
    if given.seconds is None:
        fits = partial(_is_near, known) if known.lengths else rule.is_native
        usual = tuple(one for one in model.seconds if fits(one))
        return usual or known.lengths or (rule.native_seconds,)
    supports = partial(_is_near, known) if known.lengths else rule.supports_duration
    for one in given.seconds:
        if not supports(one):
            place = f'models."{model.id}".seconds'
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"The setting {place} has {one}, which {given.upstream} cannot render.",
                param=place,
                hint=f"List lengths that its frame rule allows: {rule}.",
            )
    return given.seconds


def _is_near(known: Checkpoint, seconds: float) -> bool:
    """Return whether one of few lengths is at most half a step from this one."""
    off = min(abs(one - seconds) for one in known.lengths)
    return off <= max(0.5, known.rule.step / known.rule.fps / 2)


def _shapes(model: Model, rule: FrameRule) -> tuple[Size, ...]:
    standard = (size for size in model.sizes if size not in model.hd_sizes)
    wished = [size for size in standard if rule.supports_orientation(size)]
    return tuple(dict.fromkeys((*_usual_areas(wished, rule), *wished, *rule.canvases)))


def _usual_areas(wished: Sequence[Size], rule: FrameRule) -> list[Size]:
    """Return canvases to prefer where no size is named: those of about as many pixels as usual.

    The canvas nearest in aspect ratio may have more than twice as many, in time and memory too.
    """
    found = [rule.nearest_in_area(size) for size in wished]
    return [near for near, size in zip(found, wished, strict=True) if near != rule.canvas(size)]
