"""Frame rules of open-weight models: legal frame counts, sizes and frame rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hinode.media.size import Size


@dataclass(frozen=True, slots=True)
class FrameRule:
    """The frame rule of one open-weight model.

    Legal frame counts are ``step * n + remainder`` from ``min_frames`` to ``max_frames``; None: no
    maximum is published. ``canvases`` are the legal sizes in pixels, the usual one first;
    ``native_frames`` is the count that the model was trained for; ``fps`` its frame rate.
    """

    canvases: tuple[Size, ...]
    fps: int
    step: int
    remainder: int
    native_frames: int
    max_frames: int | None = None
    min_frames: int = 1

    def frames(self, seconds: float) -> int:
        """Return the legal frame count nearest to a length; the higher of two equally near."""
        steps = math.floor((seconds * self.fps - self.remainder) / self.step + 0.5)
        lowest = math.ceil((self.min_frames - self.remainder) / self.step)
        count = self.step * max(steps, lowest, 0) + self.remainder
        return count if self.max_frames is None else min(count, self.max_frames)

    def supports_duration(self, seconds: float) -> bool:
        """Return whether a legal count is within half a second, or one step, of a length."""
        off = abs(self.frames(seconds) / self.fps - seconds)
        return off <= max(0.5, self.step / self.fps)

    def is_native(self, seconds: float) -> bool:
        """Return whether a length is legal and not above the maximum, or the native count."""
        return self.supports_duration(seconds) and self.frames(seconds) <= (
            self.max_frames or self.native_frames
        )

    @property
    def native_seconds(self) -> int:
        """The native frame count in whole seconds."""
        return round(self.native_frames / self.fps)

    def canvas(self, size: Size) -> Size:
        """Return the legal size nearest in aspect ratio to ``size``, then nearest in area."""
        return min(self.canvases, key=lambda one: (_off(one, size), _scale(one, size)))

    def nearest_in_area(self, size: Size) -> Size:
        """Return the legal size of the orientation of ``size`` that has about as many pixels."""
        alike = [one for one in self.canvases if one.orientation is size.orientation]
        return min(alike or self.canvases, key=lambda one: abs(one.area - size.area))

    def supports_orientation(self, size: Size) -> bool:
        """Return whether the canvas for a size has the orientation of the size."""
        return self.canvas(size).orientation is size.orientation

    def __str__(self) -> str:
        """Format the rule for messages: ``4n+1 frames at 24 fps, usually 121``."""
        limit = (
            f"usually {self.native_frames}"
            if self.max_frames is None
            else f"at most {self.max_frames}"
        )
        return f"{self.step}n+{self.remainder} frames at {self.fps} fps, {limit}"


def _off(one: Size, other: Size) -> int:
    """Return the distance of two aspect ratios in tenths of a logarithm: 16:9 and 7:4 are equal."""
    return round(10 * abs(math.log((one.width / one.height) / (other.width / other.height))))


def _scale(one: Size, other: Size) -> float:
    return abs(math.log((one.width * one.height) / (other.width * other.height)))
