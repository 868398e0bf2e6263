"""The frame rule of an open-weight model: which counts, sizes and rates are legal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.studio.catalog.types import Size


@dataclass(frozen=True, slots=True)
class FrameRule:
    """Legal frame counts are ``step * n + rest``, from ``least`` to ``most``, where that is known.

    ``canvases`` are the legal sizes in pixels, the usual one first; ``usual`` is the count that
    the model was made for; ``fps`` its frames per second.
    """

    canvases: tuple[Size, ...]
    fps: int
    step: int
    rest: int
    usual: int
    most: int | None = None
    least: int = 1

    def frames(self, seconds: float) -> int:
        """Return the legal count nearest to a length; the longer one of two equally near."""
        steps = math.floor((seconds * self.fps - self.rest) / self.step + 0.5)
        lowest = math.ceil((self.least - self.rest) / self.step)
        count = self.step * max(steps, lowest, 0) + self.rest
        return count if self.most is None else min(count, self.most)

    def can_last(self, seconds: float) -> bool:
        """Say whether a legal count comes within half a second, or one step, of a length."""
        off = abs(self.frames(seconds) / self.fps - seconds)
        return off <= max(0.5, self.step / self.fps)

    def is_usual(self, seconds: float) -> bool:
        """Say whether a length is legal and within what the model was made for."""
        return self.can_last(seconds) and self.frames(seconds) <= (self.most or self.usual)

    @property
    def usual_seconds(self) -> int:
        """The whole seconds that the model was made for."""
        return round(self.usual / self.fps)

    def canvas(self, size: Size) -> Size:
        """Return the legal size nearest in shape to a wished one, and of those nearest in area."""
        return min(self.canvases, key=lambda one: (_off(one, size), _scale(one, size)))

    def offers(self, size: Size) -> bool:
        """Say whether a wished size can be had at least in its orientation."""
        return self.canvas(size).orientation is size.orientation

    def __str__(self) -> str:
        """Spell it for people: `4n+1 frames at 24 fps, usually 121`."""
        limit = f"usually {self.usual}" if self.most is None else f"at most {self.most}"
        return f"{self.step}n+{self.rest} frames at {self.fps} fps, {limit}"


def _off(one: Size, other: Size) -> int:
    """Return how far two shapes are apart, in tenths, so that 16:9 and 7:4 count as alike."""
    return round(10 * abs(math.log((one.width / one.height) / (other.width / other.height))))


def _scale(one: Size, other: Size) -> float:
    return abs(math.log((one.width * one.height) / (other.width * other.height)))
