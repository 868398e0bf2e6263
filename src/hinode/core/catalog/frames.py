"""The frame rule of an open-weight model: which counts, sizes and rates are legal."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.core.catalog.types import Size


@dataclass(frozen=True, slots=True)
class FrameRule:
    """Legal frame counts are ``step * n + remainder``, from ``min_frames`` to ``max_frames``,
    where that is known.

    ``canvases`` are the legal sizes in pixels, the usual one first; ``native_frames`` is the count
    that the model was made for; ``fps`` its frames per second.
    """

    canvases: tuple[Size, ...]
    fps: int
    step: int
    remainder: int
    native_frames: int
    max_frames: int | None = None
    min_frames: int = 1

    def frames(self, seconds: float) -> int:
        """Return the legal count nearest to a length; the longer one of two equally near."""
        steps = math.floor((seconds * self.fps - self.remainder) / self.step + 0.5)
        lowest = math.ceil((self.min_frames - self.remainder) / self.step)
        count = self.step * max(steps, lowest, 0) + self.remainder
        return count if self.max_frames is None else min(count, self.max_frames)

    def supports_duration(self, seconds: float) -> bool:
        """Say whether a legal count comes within half a second, or one step, of a length."""
        off = abs(self.frames(seconds) / self.fps - seconds)
        return off <= max(0.5, self.step / self.fps)

    def is_native(self, seconds: float) -> bool:
        """Say whether a length is legal and within what the model was made for."""
        return self.supports_duration(seconds) and self.frames(seconds) <= (
            self.max_frames or self.native_frames
        )

    @property
    def native_seconds(self) -> int:
        """The whole seconds that the model was made for."""
        return round(self.native_frames / self.fps)

    def canvas(self, size: Size) -> Size:
        """Return the legal size nearest in shape to a wished one, and of those nearest in area."""
        return min(self.canvases, key=lambda one: (_off(one, size), _scale(one, size)))

    def supports_orientation(self, size: Size) -> bool:
        """Say whether a wished size can be had at least in its orientation."""
        return self.canvas(size).orientation is size.orientation

    def __str__(self) -> str:
        """Spell it for people: `4n+1 frames at 24 fps, usually 121`."""
        limit = (
            f"usually {self.native_frames}"
            if self.max_frames is None
            else f"at most {self.max_frames}"
        )
        return f"{self.step}n+{self.remainder} frames at {self.fps} fps, {limit}"


def _off(one: Size, other: Size) -> int:
    """Return how far two shapes are apart, in tenths, so that 16:9 and 7:4 count as alike."""
    return round(10 * abs(math.log((one.width / one.height) / (other.width / other.height))))


def _scale(one: Size, other: Size) -> float:
    return abs(math.log((one.width * one.height) / (other.width * other.height)))
