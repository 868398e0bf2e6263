"""The facts of one model of a hosted provider: lengths, sizes and inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto

from hinode.media.size import Size
from hinode.open_models.checkpoints import Checkpoint
from hinode.open_models.frames import FrameRule

FPS = 24
"""The rate that plans reckon with: providers take seconds, and the result's rate is measured."""


class Ability(Flag):
    """An input that a model takes, or a switch that it has."""

    TEXT = auto()
    FIRST_FRAME = auto()
    LAST_FRAME = auto()
    SOUND = auto()
    SEED = auto()
    NEGATIVE_PROMPT = auto()


@dataclass(frozen=True, slots=True)
class Canvas:
    """A size that a model renders, and how a request names it there."""

    size: Size
    ratio: str
    resolution: str


@dataclass(frozen=True, slots=True)
class HostedModel:
    """One model of a provider; the usual canvas is the first, and so is the usual length.

    ``seconds`` are all the lengths that it makes, ``usual`` one of them. ``text_size`` are the
    fields that name the size in a request of text alone, ``image_size`` those in a request with a
    first frame, whose shape the video else follows: ``ratio``, ``resolution`` or ``auto``, a ratio
    that names a resolution. ``with_picture`` is the model of the same family that renders from a
    first frame, where another one renders from text.
    """

    name: str
    seconds: tuple[int, ...]
    canvases: tuple[Canvas, ...]
    abilities: Ability
    usual: int = 5
    text_size: tuple[str, ...] = ("ratio",)
    image_size: tuple[str, ...] = ("ratio",)
    with_picture: str = ""

    @property
    def step(self) -> int:
        """Seconds between two lengths."""
        return self.seconds[1] - self.seconds[0] if len(self.seconds) > 1 else 1

    @property
    def rule(self) -> FrameRule:
        """The lengths and sizes as a rule of frames, which the catalog fits requests to."""
        step, lowest = self.step * FPS, self.seconds[0] * FPS
        return FrameRule(
            tuple(one.size for one in self.canvases),
            fps=FPS,
            step=step,
            remainder=lowest % step,
            native_frames=self.usual * FPS,
            max_frames=self.seconds[-1] * FPS,
            min_frames=lowest,
        )

    @property
    def checkpoint(self) -> Checkpoint:
        """The model as the catalog knows those of open weights: its rule and its inputs."""
        return Checkpoint(
            self.name,
            pattern="",
            rule=self.rule,
            first_frame=Ability.FIRST_FRAME in self.abilities or bool(self.with_picture),
            audio=Ability.SOUND in self.abilities,
            licence="the terms of its provider",
            lengths=tuple(sorted(self.seconds, key=lambda one: one != self.usual)),
        )

    def fitted_seconds(self, seconds: float) -> int | None:
        """Return the length nearest to this one; None when none is within a step of it."""
        nearest = min(self.seconds, key=lambda one: abs(one - seconds))
        return nearest if abs(nearest - seconds) <= max(0.5, self.step / 2) else None

    def canvas(self, size: Size) -> Canvas | None:
        """Return the canvas of exactly this size."""
        return next((one for one in self.canvases if one.size == size), None)


def find_model(models: Sequence[HostedModel], name: str | None) -> HostedModel | None:
    """Return the model with exactly this name; None for an unknown one."""
    return next((one for one in models if one.name == name), None)


def pixels(resolution: str, ratios: str) -> tuple[Canvas, ...]:
    """Return canvases whose ratios are their sizes: ``1280:720 720:1280``."""
    return tuple(Canvas(_size(one), one, resolution) for one in ratios.split())


def named(resolution: str, sizes: str) -> tuple[Canvas, ...]:
    """Return canvases that are asked for by an aspect ratio: ``16:9=1280x720 1:1=960x960``."""
    pairs = (one.split("=") for one in sizes.split())
    return tuple(Canvas(_size(size.replace("x", ":")), ratio, resolution) for ratio, size in pairs)


def aspects(resolution: str, short_side: int, ratios: str) -> tuple[Canvas, ...]:
    """Return canvases of a short side and of aspect ratios: ``16:9 9:16 1:1``."""
    return tuple(Canvas(_scaled(_size(one), short_side), one, resolution) for one in ratios.split())


def _size(text: str) -> Size:
    width, height = text.split(":")
    return Size(int(width), int(height))


def _scaled(ratio: Size, short_side: int) -> Size:
    scale = short_side / ratio.short_side
    return Size(_even(ratio.width * scale), _even(ratio.height * scale))


def _even(side: float) -> int:
    return 2 * round(side / 2)


def span(first: int, last: int) -> tuple[int, ...]:
    """Return all whole seconds from the first to the last."""
    return tuple(range(first, last + 1))
